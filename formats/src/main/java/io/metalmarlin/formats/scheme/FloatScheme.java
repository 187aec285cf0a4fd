package io.metalmarlin.formats.scheme;

import io.metalmarlin.formats.number.E2M1;
import io.metalmarlin.formats.number.E4M3;

/// Small floats in rectangular groups under one level of scales: MXFP4, MXFP8 and the FP8 layouts
/// with one scale per tensor, row or block.
///
/// @param groupRows rows that share a scale, or [GroupScheme#WHOLE]
/// @param groupSize columns that share a scale, or [GroupScheme#WHOLE]
public record FloatScheme(Element element, int groupRows, int groupSize, ScaleType scaleType)
    implements GroupScheme {
  /// The type of a code.
  public enum Element {
    E2M1(4),
    E4M3(8);

    private final int bits;

    Element(int bits) {
      this.bits = bits;
    }
  }

  /// OCP microscaling, 4 bits: 32 columns under a power of two.
  public static final FloatScheme MXFP4 = new FloatScheme(Element.E2M1, 1, 32, ScaleType.E8M0);

  /// OCP microscaling, 8 bits.
  public static final FloatScheme MXFP8 = new FloatScheme(Element.E4M3, 1, 32, ScaleType.E8M0);

  /// FP8 under scales of a floating-point type.
  public static FloatScheme fp8(int groupRows, int groupSize, ScaleType scaleType) {
    return new FloatScheme(Element.E4M3, groupRows, groupSize, scaleType);
  }

  @Override
  public String name() {
    if (scaleType == ScaleType.E8M0 && groupRows == 1 && groupSize == 32) {
      return "mxfp" + element.bits;
    }
    String shape =
        groupRows == WHOLE
            ? "tensor"
            : groupSize == WHOLE ? "channel" : groupRows + "x" + groupSize;
    return "fp" + element.bits + "-" + shape + "-" + scaleType.name().toLowerCase();
  }

  @Override
  public int codeBits() {
    return element.bits;
  }

  @Override
  public int columnMultiple() {
    // A block at the edge may be cut; a microscaling group may not.
    return scaleType == ScaleType.E8M0 ? groupSize : 1;
  }

  @Override
  public float value(int code) {
    return element == Element.E2M1 ? E2M1.value(code) : E4M3.value(code);
  }

  @Override
  public int nearest(float x) {
    return element == Element.E2M1 ? E2M1.nearest(x) : E4M3.nearest(x);
  }
}
