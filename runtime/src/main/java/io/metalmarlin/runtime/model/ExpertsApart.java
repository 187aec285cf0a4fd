package io.metalmarlin.runtime.model;

import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.Layout.Part;
import io.metalmarlin.runtime.model.ModelSpec.Block;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import java.util.List;

/// The same model with a gate and an up matrix for each expert of a stack, in place of one matrix
/// of both: the form in which experts are quantized, for no packed layout holds the matrices of
/// several experts, and loaders that know a packed form of such a family know it by expert.
///
/// Where the matrices lie does not change: each is declared as the rows of the stack that are its
/// own.
public final class ExpertsApart {
  private ExpertsApart() {}

  public static ModelSpec of(ModelSpec spec) {
    List<Block> blocks =
        spec.blocks().stream()
            .map(b -> b.mixers(m -> m instanceof MixtureOfExperts e ? apart(e) : m))
            .toList();
    return spec.with(blocks, spec.names());
  }

  private static MixtureOfExperts apart(MixtureOfExperts mixture) {
    return mixture.experts(e -> new Mlp(inner(e.inner()), e.down(), e.activation(), e.clamp()));
  }

  private static Mlp.Inner inner(Mlp.Inner inner) {
    boolean stacked = inner instanceof Mlp.Inner.Fused f && f.gateUp().layout().stack() > 0;
    if (!stacked) {
      return inner;
    }
    Mlp.Inner.Fused fused = (Mlp.Inner.Fused) inner;
    return new Mlp.Inner.Gated(part(fused, Role.GATE, 0), part(fused, Role.UP, 1));
  }

  private static Linear part(Mlp.Inner.Fused fused, Role role, int index) {
    Linear both = fused.gateUp();
    return new Linear(
        new WeightId(both.id().layer(), role, both.id().expert()),
        both.out() / 2,
        both.in(),
        both.bias(),
        both.layout().part(new Part(index, 2, fused.alternating())),
        both.inputGroup(),
        both.fuseGroup(),
        both.exact());
  }
}
