package io.metalmarlin.formats.model;

import static io.metalmarlin.formats.scheme.GroupScheme.WHOLE;

import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.TrellisScheme;
import io.metalmarlin.formats.scheme.codebook.CodebookScheme;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.tensor.DType;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/// The scheme names that users type. A new name is one line here.
public final class NamedSchemes {
  /// Columns of a group of integers when the user does not say.
  public static final int DEFAULT_GROUP = 128;

  /// All names, in the order in which they are listed.
  public static final List<Entry> ALL =
      List.of(
          fixed("NVFP4A16", Nvfp4Scheme.INSTANCE, Activations.NONE),
          fixed("NVFP4", Nvfp4Scheme.INSTANCE, Activations.NVFP4),
          integer("W4A16", 4, Zero.NONE),
          integer("W4A16_ASYM", 4, Zero.POINT),
          integer("W8A16", 8, Zero.NONE),
          integer("W6A16", 6, Zero.NONE),
          integer("W3A16", 3, Zero.NONE),
          integer("W2A16", 2, Zero.NONE),
          codebook("CB4A16", 4),
          codebook("CB3A16", 3),
          codebook("CB2A16", 2),
          trellis("T4A16", 4),
          trellis("T3A16", 3),
          trellis("T2A16", 2),
          fixed("MXFP4A16", FloatScheme.MXFP4, Activations.NONE),
          fixed("MXFP4", FloatScheme.MXFP4, Activations.MX),
          fixed("MXFP8A16", FloatScheme.MXFP8, Activations.NONE),
          fixed("MXFP8", FloatScheme.MXFP8, Activations.MX),
          float8("FP8_DYNAMIC", 1, WHOLE, Activations.FP8_DYNAMIC),
          float8("FP8_BLOCK", 128, 128, Activations.FP8_DYNAMIC),
          float8("FP8", WHOLE, WHOLE, Activations.FP8_STATIC));

  private NamedSchemes() {}

  /// One name.
  ///
  /// @param grouped whether the user may choose the group size
  /// @param of makes the grid from a group size and the type of the model's dense tensors
  public record Entry(String name, Activations activations, boolean grouped, Maker of) {}

  /// Makes a grid.
  @FunctionalInterface
  public interface Maker {
    Scheme scheme(int groupSize, DType model);
  }

  /// The scheme of that name, in any case.
  ///
  /// @param groupSize as the user gave it; [io.metalmarlin.formats.scheme.GroupScheme#WHOLE] for
  ///   `channel`
  /// @param model the type of the model's dense tensors, F16, BF16 or F32
  /// @return empty for an unknown name, or when a group size is given that the scheme fixes
  public static Optional<NamedScheme> of(String name, OptionalInt groupSize, DType model) {
    return entry(name)
        .filter(e -> e.grouped() || groupSize.isEmpty())
        .map(e ->
            new NamedScheme(
                e.name(), e.of().scheme(groupSize.orElse(DEFAULT_GROUP), model), e.activations()));
  }

  /// The entry of that name, in any case.
  public static Optional<Entry> entry(String name) {
    String wanted = name.toUpperCase(Locale.ROOT);
    return ALL.stream().filter(e -> e.name().equals(wanted)).findFirst();
  }

  private static Entry fixed(String name, Scheme scheme, Activations activations) {
    return new Entry(name, activations, false, (group, model) -> scheme);
  }

  private static Entry grouped(String name, Maker maker) {
    return new Entry(name, Activations.NONE, true, maker);
  }

  private static Entry integer(String name, int bits, Zero zero) {
    return grouped(name, (group, model) -> new IntScheme(bits, group, ScaleType.of(model), zero));
  }

  private static Entry codebook(String name, int bits) {
    return grouped(name, (group, model) -> new CodebookScheme(bits, group, ScaleType.of(model)));
  }

  private static Entry trellis(String name, int bits) {
    return grouped(name, (group, model) -> new TrellisScheme(bits, group, ScaleType.of(model)));
  }

  private static Entry float8(String name, int rows, int cols, Activations activations) {
    return new Entry(
        name,
        activations,
        false,
        (group, model) ->
            new FloatScheme(FloatScheme.Element.E4M3, rows, cols, ScaleType.of(model)));
  }
}
