package io.metalmarlin.runtime.load;

import io.metalmarlin.formats.model.ModuleNames;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.ExpertsApart;
import io.metalmarlin.runtime.model.Layout;
import io.metalmarlin.runtime.model.MixtureOfExperts;
import io.metalmarlin.runtime.model.Mlp;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/// Where a checkpoint keeps its experts: as the family's published files do, or the other way.
///
/// A family that stacks them has them one by one once they are quantized. A family that has them
/// one by one stacks them in what transformers 5 calls its own format: `experts.gate_up_proj` `[E,
/// 2 ff, in]`, gate first, and `experts.down_proj` `[E, in, ff]`.
final class StoredExperts {
  private static final List<Role> GATE_AND_UP = List.of(Role.GATE_UP, Role.GATE, Role.UP);

  private final ModelSpec spec;
  private final Set<String> tensors;
  private final NavigableSet<String> names;
  private final Map<WeightId, String> stacks = new HashMap<>();

  /// @param names of tensors, and of packed modules as if they were dense
  private StoredExperts(ModelSpec spec, Set<String> tensors, NavigableSet<String> names) {
    this.spec = spec;
    this.tensors = tensors;
    this.names = names;
  }

  /// The declaration with experts as they are stored; as it is where they are stored in neither
  /// way, so that the names that are missing are the family's own.
  ///
  /// @param tensors of the checkpoint
  /// @param packed gives the names of the packed modules
  static ModelSpec of(ModelSpec spec, Set<String> tensors, Supplier<Set<String>> packed) {
    boolean mixture =
        spec.blocks().stream()
            .flatMap(b -> b.branches().stream())
            .anyMatch(b -> b.mixer() instanceof MixtureOfExperts);
    if (!mixture) {
      return spec;
    }
    NavigableSet<String> names = new TreeSet<>(tensors);
    packed.get().forEach(m -> names.add(m + ".weight"));
    ModelSpec apart = ExpertsApart.of(spec);
    boolean alone =
        apart.linears().stream()
            .filter(l -> l.layout().stack() > 0)
            .anyMatch(l -> new StoredExperts(apart, tensors, names).alone(l));
    StoredExperts stored = new StoredExperts(alone ? apart : spec, tensors, names);
    return stored.resolved();
  }

  private ModelSpec resolved() {
    List<ModelSpec.Block> blocks =
        spec.blocks().stream()
            .map(b -> b.mixers(m -> m instanceof MixtureOfExperts e ? mixture(e) : m))
            .toList();
    return spec.with(blocks, stacks.isEmpty() ? spec.names() : withStacks());
  }

  private MixtureOfExperts mixture(MixtureOfExperts mixture) {
    int count = mixture.experts().size();
    return mixture.experts(e -> {
      Mlp.Inner inner =
          switch (e.inner()) {
            case Mlp.Inner.Gated g ->
                new Mlp.Inner.Gated(stored(g.gate(), count), stored(g.up(), count));
            case Mlp.Inner.Fused f ->
                new Mlp.Inner.Fused(stored(f.gateUp(), count), f.alternating());
            case Mlp.Inner.Plain p -> p;
          };
      return new Mlp(inner, stored(e.down(), count), e.activation(), e.clamp());
    });
  }

  private Linear stored(Linear l, int count) {
    String stack = stack(l);
    if (l.layout().stack() > 0) {
      // A packed module is found by its name; its bias may still lie in a stack.
      if (tensors.contains(spec.module(l) + ".weight")) {
        return l.stored(Layout.PLAIN);
      }
      if (names.contains(spec.tensor(l)) || !names.contains(stack)) {
        return l;
      }
      // Taken apart, gate and up lie in the same stack.
      for (Role role : l.id().role() == Role.GATE_UP ? GATE_AND_UP : List.of(l.id().role())) {
        stacks.put(new WeightId(l.id().layer(), role, l.id().expert()), stack);
      }
      return l.stored(new Layout(false, count, "", "_bias", l.layout().part()));
    }
    if (alone(l) || !names.contains(stack)) {
      return l;
    }
    stacks.put(l.id(), stack);
    Layout all = new Layout(false, count, "", "_bias");
    return l.stored(
        switch (l.id().role()) {
          case GATE -> all.part(new Layout.Part(0, 2, false));
          case UP -> all.part(new Layout.Part(1, 2, false));
          default -> all;
        });
  }

  /// What transformers' own format calls the tensor with the weights of all experts.
  private String stack(Linear l) {
    String module = spec.module(l);
    int number = module.lastIndexOf("." + l.id().expert() + ".");
    String tensor = l.id().role() == Role.DOWN ? "down_proj" : "gate_up_proj";
    return module.substring(0, number + 1) + tensor;
  }

  /// Whether anything of the module is in the checkpoint.
  private boolean alone(Linear l) {
    String prefix = spec.module(l) + ".";
    String next = names.ceiling(prefix);
    return next != null && next.startsWith(prefix);
  }

  private ModuleNames withStacks() {
    ModuleNames own = spec.names();
    return new ModuleNames() {
      @Override
      public String module(WeightId id) {
        return own.module(id);
      }

      @Override
      public String stack(WeightId id) {
        String found = stacks.get(id);
        return found == null ? own.stack(id) : found;
      }
    };
  }
}
