package io.metalmarlin.formats.tensor;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A storable element type. Its elements come in blocks of whole bytes: one element for most types,
/// two or four for the sub-byte types of safetensors, 32 to 256 that share their scales for the
/// block types of ggml.
///
/// The first 22 constants stand in the order of the safetensors reference implementation's enum,
/// which is also its sort order when a file is written; the others exist in GGUF files only.
public enum DType {
  BOOL(1, 1),
  F4(2, 1),
  F6_E2M3(4, 3),
  F6_E3M2(4, 3),
  U8(1, 1),
  I8(1, 1),
  F8_E5M2(1, 1),
  F8_E4M3(1, 1),
  F8_E8M0(1, 1),
  F8_E4M3FNUZ(1, 1),
  F8_E5M2FNUZ(1, 1),
  I16(1, 2),
  U16(1, 2),
  F16(1, 2),
  BF16(1, 2),
  I32(1, 4),
  U32(1, 4),
  F32(1, 4),
  C64(1, 8),
  F64(1, 8),
  I64(1, 8),
  U64(1, 8),
  Q4_0(32, 18),
  Q4_1(32, 20),
  Q5_0(32, 22),
  Q5_1(32, 24),
  Q8_0(32, 34),
  Q2_K(256, 84),
  Q3_K(256, 110),
  Q4_K(256, 144),
  Q5_K(256, 176),
  Q6_K(256, 210),
  IQ2_XXS(256, 66),
  IQ2_XS(256, 74),
  IQ2_S(256, 82),
  IQ3_XXS(256, 98),
  IQ3_S(256, 110),
  IQ1_S(256, 50),
  IQ1_M(256, 56),
  IQ4_NL(32, 18),
  IQ4_XS(256, 136),
  TQ1_0(256, 54),
  TQ2_0(256, 66),
  MXFP4(32, 17),
  NVFP4(64, 36),
  Q1_0(128, 18),
  Q2_0(64, 18),
  Q8_1(32, 36),
  Q8_K(256, 292);

  /// The types a safetensors file can hold, in their order.
  public static final List<DType> SAFETENSORS =
      Arrays.stream(values()).filter(t -> t.compareTo(U64) <= 0).toList();

  private static final Map<String, DType> BY_NAME = new HashMap<>();

  static {
    for (DType t : SAFETENSORS) {
      BY_NAME.put(t.name(), t);
    }
  }

  private final int blockElements;
  private final int blockBytes;

  DType(int blockElements, int blockBytes) {
    this.blockElements = blockElements;
    this.blockBytes = blockBytes;
  }

  /// Elements of the smallest run that is whole bytes.
  public int blockElements() {
    return blockElements;
  }

  /// Bytes of [#blockElements] elements.
  public int blockBytes() {
    return blockBytes;
  }

  /// Width of one element in bits.
  ///
  /// @throws IllegalStateException for a block type, whose width is no whole number
  public int bits() {
    if (isBlock() || isActivation()) {
      throw new IllegalStateException(name() + " has no width of one element");
    }
    return 8 * blockBytes / blockElements;
  }

  /// Whether this is a block type of ggml: elements share scales inside a block.
  public boolean isBlock() {
    return compareTo(U64) > 0 && !isActivation();
  }

  /// Whether ggml has the type for intermediate results only: files may hold such tensors, but they
  /// are no weights.
  public boolean isActivation() {
    return this == Q8_1 || this == Q8_K;
  }

  /// The safetensors type of that exact name; lower case is not a type.
  public static Optional<DType> of(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }
}
