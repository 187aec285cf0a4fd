package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.runtime.model.Attention;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The mixes of llama.cpp that `--scheme` takes with `--target llama.cpp`: a type for most matrices
/// and others where they cost most quality. Which matrix gets which type are the facts of
/// llama.cpp's `src/llama-quant.cpp` (`llama_tensor_get_type_impl`, commit 007dbbf); embedding and
/// head, which llama.cpp rounds too, stay as they are here.
public final class BlockMixes {
  /// All mixes.
  static final List<BlockMix> ALL =
      List.of(
          new BlockMix("Q2_K_S", DType.Q2_K),
          new BlockMix("Q3_K_S", DType.Q3_K),
          new BlockMix("Q3_K_M", DType.Q3_K),
          new BlockMix("Q3_K_L", DType.Q3_K),
          new BlockMix("Q4_K_S", DType.Q4_K),
          new BlockMix("Q4_K_M", DType.Q4_K),
          new BlockMix("Q5_K_S", DType.Q5_K),
          new BlockMix("Q5_K_M", DType.Q5_K),
          new BlockMix("IQ3_M", DType.IQ3_S),
          new BlockMix("IQ3_XS", DType.IQ3_S),
          new BlockMix("IQ2_M", DType.IQ2_S));

  private BlockMixes() {}

  /// The mix of that name, in any case.
  static Optional<BlockMix> named(String scheme) {
    return ALL.stream().filter(m -> m.name().equalsIgnoreCase(scheme)).findFirst();
  }

  /// The names of all mixes.
  public static String names() {
    return ALL.stream().map(BlockMix::name).collect(Collectors.joining(", "));
  }

  /// The block type that a scheme is, or that most matrices of a mix get; empty for grids.
  static Optional<DType> type(String scheme) {
    return BlockTypes.named(scheme).or(() -> named(scheme).map(BlockMix::type));
  }

  /// What a mix asks for beside its own type, in the order of the model.
  ///
  /// @param spec with its experts one by one
  static List<SchemeRule> overrides(BlockMix mix, ModelSpec spec) {
    BlockMix.Shape shape =
        new BlockMix.Shape(spec.blocks().size(), experts(spec), queriesPerKey(spec), spec.family());
    Set<SchemeRule> overrides = new LinkedHashSet<>();
    for (Linear l : spec.linears()) {
      if (!l.exact() && l.id().layer() >= 0) {
        DType type = mix.of(l.id(), shape);
        if (type != mix.type()) {
          overrides.add(new SchemeRule(SchemeRule.pattern(l, spec.module(l)), type.name()));
        }
      }
    }
    return new ArrayList<>(overrides);
  }

  private static int experts(ModelSpec spec) {
    return (int)
        spec.linears().stream()
            .filter(l -> l.id().role() == Role.DOWN)
            .mapToInt(l -> l.id().expert() + 1)
            .max()
            .orElse(0);
  }

  /// Query heads that read one key head, 1 where no block attends.
  private static int queriesPerKey(ModelSpec spec) {
    return spec.blocks().stream()
        .flatMap(b -> b.branches().stream())
        .map(ModelSpec.Branch::mixer)
        .filter(Attention.class::isInstance)
        .map(m -> ((Attention) m).heads())
        .mapToInt(h -> h.heads() / h.kvHeads())
        .findFirst()
        .orElse(1);
  }
}
