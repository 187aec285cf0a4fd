package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.model.NamedSchemes;
import io.metalmarlin.formats.scheme.ggml.BlockCodecs;
import io.metalmarlin.formats.scheme.ggml.BlockForm;
import io.metalmarlin.formats.tensor.DType;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// What quantizing to a block type of ggml follows llama.cpp in: which types weigh errors with the
/// importance of a column, and which type a matrix gets whose width is no whole number of blocks.
public final class BlockTypes {
  private BlockTypes() {}

  /// The block type that `--scheme` names and this version writes; empty for the name of a grid,
  /// which goes first where both have it (MXFP4, NVFP4).
  public static Optional<DType> named(String scheme) {
    return NamedSchemes.entry(scheme).isPresent()
        ? Optional.empty()
        : Arrays.stream(DType.values())
            .filter(t -> t.name().equals(scheme.toUpperCase(Locale.ROOT)))
            .filter(BlockTypes::written)
            .findFirst();
  }

  /// The names of all types that `--scheme` takes.
  public static String names() {
    return Arrays.stream(DType.values())
        .filter(t -> named(t.name()).isPresent())
        .map(DType::name)
        .collect(Collectors.joining(", "));
  }

  private static boolean written(DType type) {
    return takesFeedback(type) || type.isBlock() && encodes(type);
  }

  /// Whether the type has an encoder of its own, which chooses scales and codes together.
  static boolean encodes(DType type) {
    return BlockCodecs.of(type).writes();
  }

  /// Whether `--method full` fills blocks of the type.
  static boolean takesFeedback(DType type) {
    return BlockForm.of(type).isPresent();
  }

  /// Whether the encoder of a type searches for scales and weighs errors with an importance.
  public static boolean usesImportance(DType type) {
    return switch (type) {
      case Q4_0, Q4_1, Q5_0, Q5_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS -> true;
      default -> false;
    };
  }

  /// The type that stands in for a wanted one in a matrix of `cols` columns: itself where they are
  /// whole blocks, else one with smaller blocks and no fewer bits.
  ///
  /// @return empty where no block type fits, or for a type without a stand-in
  public static Optional<DType> fitting(DType wanted, int cols) {
    if (cols % wanted.blockElements() == 0) {
      return Optional.of(wanted);
    }
    return Optional.ofNullable(standIn(wanted)).filter(t -> cols % t.blockElements() == 0);
  }

  /// Whether matrices that no stand-in fits stay as they are; types without one are refused.
  public static boolean hasStandIn(DType wanted) {
    return standIn(wanted) != null;
  }

  private static @org.jspecify.annotations.Nullable DType standIn(DType wanted) {
    return switch (wanted) {
      case IQ4_XS, IQ3_S, IQ3_XXS, IQ2_S, IQ2_XS, IQ2_XXS -> DType.IQ4_NL;
      case Q2_K, Q3_K, Q2_0, TQ1_0, TQ2_0 -> DType.Q4_0;
      case Q4_K -> DType.Q5_0;
      case Q5_K -> DType.Q5_1;
      case Q6_K -> DType.Q8_0;
      default -> null;
    };
  }
}
