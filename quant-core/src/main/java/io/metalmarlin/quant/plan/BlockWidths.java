package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.scheme.BlockPacking;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.tensor.DType;
import java.util.Optional;

/// Which layout the weights of a width get: the wanted one, or for blocks of ggml a type that
/// stands in for it. What is not as asked becomes a warning.
///
/// @param wanted layout of the recipe's scheme
record BlockWidths(Packing wanted) {
  /// Whether a width that does not fit is answered with another type instead of a refusal.
  boolean standIns() {
    return wanted instanceof BlockPacking b && BlockTypes.hasStandIn(b.type());
  }

  /// The layout for a weight of `cols` columns; empty where it stays in its source type.
  Optional<Packing> packing(int cols) {
    return standIns()
        ? BlockTypes.fitting(type(), cols).map(BlockPacking::new)
        : Optional.of(wanted);
  }

  /// Says so where a weight does not get the wanted type.
  Optional<Plan.Warning> warning(String module, int cols) {
    if (!standIns() || cols % type().blockElements() == 0) {
      return Optional.empty();
    }
    String why =
        "input %d is no multiple of %d (%s block), "
            .formatted(cols, type().blockElements(), type());
    return Optional.of(
        new Plan.Warning(
            "W306",
            module,
            why
                + BlockTypes.fitting(type(), cols)
                    .map(t -> "so it becomes " + t)
                    .orElse("nor of any smaller block, so it stays in its source type")));
  }

  private DType type() {
    return ((BlockPacking) wanted).type();
  }

  /// Whether a weight goes into a type whose encoder uses an importance.
  static boolean usesImportance(Packing packing) {
    return packing instanceof BlockPacking b && BlockTypes.usesImportance(b.type());
  }
}
