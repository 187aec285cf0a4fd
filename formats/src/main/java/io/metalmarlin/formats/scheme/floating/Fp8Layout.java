package io.metalmarlin.formats.scheme.floating;

import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.GroupScheme;
import java.util.List;

/// How a family names and shapes the scales of FP8 weights. All multiply by them.
public enum Fp8Layout {
  /// compressed-tensors `float-quantized`: `[1]` for the tensor, `[out, 1]` for rows.
  COMPRESSED_TENSORS("float-quantized", "weight_scale"),
  /// ModelOpt: `[]` for the tensor, `[out]` for rows.
  MODELOPT("modelopt", "weight_scale"),
  /// ModelOpt's `FP8_PB_WO`: `[blocks of out, 1, blocks of in, 1]`.
  MODELOPT_BLOCKS("modelopt-blocks", "weight_scale"),
  /// Checkpoints that were trained in FP8 (DeepSeek V3 and `quant_method: fp8` after it):
  /// `weight_scale_inv`, by name an inverse, in fact a multiplier.
  NATIVE("native", "weight_scale_inv");

  private final String label;
  private final String suffix;

  Fp8Layout(String label, String suffix) {
    this.label = label;
    this.suffix = suffix;
  }

  /// The format's name, as configurations give it where they do.
  public String label() {
    return label;
  }

  /// Suffix of the scales.
  public String suffix() {
    return suffix;
  }

  /// Shape of the scales of a `rows x cols` matrix.
  List<Long> shape(FloatScheme scheme, int rows, int cols) {
    if (scheme.groupRows() == GroupScheme.WHOLE) {
      return this == COMPRESSED_TENSORS ? List.of(1L) : List.of();
    }
    long down = Math.ceilDiv(rows, scheme.groupRows());
    if (this == MODELOPT && scheme.groupSize() == GroupScheme.WHOLE) {
      return List.of(down);
    }
    long across = Math.ceilDiv(cols, Math.min(cols, scheme.groupSize()));
    return this == MODELOPT_BLOCKS ? List.of(down, 1L, across, 1L) : List.of(down, across);
  }
}
