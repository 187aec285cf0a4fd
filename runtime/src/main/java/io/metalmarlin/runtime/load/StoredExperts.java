package io.metalmarlin.runtime.load;

import io.metalmarlin.formats.model.Role;
import io.metalmarlin.runtime.model.ExpertsApart;
import io.metalmarlin.runtime.model.Layout;
import io.metalmarlin.runtime.model.MixtureOfExperts;
import io.metalmarlin.runtime.model.Mlp;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Where a checkpoint keeps its experts: a family that stacks them has them one by one once they
/// are quantized.
final class StoredExperts {
  private final ModelSpec spec;
  private final Set<String> tensors;
  private final NavigableSet<String> names;

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
            // What leads down is called the same, whether gate and up are one matrix or two.
            .filter(l -> l.layout().stack() > 0 && l.id().role() != Role.DOWN)
            .anyMatch(l -> new StoredExperts(apart, tensors, names).alone(l));
    StoredExperts stored = new StoredExperts(alone ? apart : spec, tensors, names);
    return stored.resolved();
  }

  private ModelSpec resolved() {
    List<ModelSpec.Block> blocks =
        spec.blocks().stream()
            .map(b -> b.mixers(m -> m instanceof MixtureOfExperts e ? mixture(e) : m))
            .toList();
    return spec.with(blocks, spec.names());
  }

  private MixtureOfExperts mixture(MixtureOfExperts mixture) {
    return mixture.experts(e -> {
      Mlp.Inner inner =
          switch (e.inner()) {
            case Mlp.Inner.Gated g -> new Mlp.Inner.Gated(stored(g.gate()), stored(g.up()));
            case Mlp.Inner.Fused f -> new Mlp.Inner.Fused(stored(f.gateUp()), f.alternating());
            case Mlp.Inner.Plain p -> p;
          };
      return new Mlp(inner, stored(e.down()), e.activation(), e.clamp());
    });
  }

  /// A packed module is found by its name; its bias may still lie in a stack.
  private Linear stored(Linear l) {
    boolean own = Stream.of(".weight", ".bias").anyMatch(s -> tensors.contains(spec.module(l) + s));
    return l.layout().stack() > 0 && own ? l.stored(Layout.PLAIN) : l;
  }

  /// Whether anything of the module is in the checkpoint.
  private boolean alone(Linear l) {
    String prefix = spec.module(l) + ".";
    String next = names.ceiling(prefix);
    return next != null && next.startsWith(prefix);
  }
}
