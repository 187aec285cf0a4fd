package io.metalmarlin.formats.tensor;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// A storable element type. The constants stand in the order of the safetensors reference
/// implementation's enum, which is also its sort order when a file is written.
public enum DType {
  BOOL(8),
  F4(4),
  F6_E2M3(6),
  F6_E3M2(6),
  U8(8),
  I8(8),
  F8_E5M2(8),
  F8_E4M3(8),
  F8_E8M0(8),
  F8_E4M3FNUZ(8),
  F8_E5M2FNUZ(8),
  I16(16),
  U16(16),
  F16(16),
  BF16(16),
  I32(32),
  U32(32),
  F32(32),
  C64(64),
  F64(64),
  I64(64),
  U64(64);

  private static final Map<String, DType> BY_NAME = new HashMap<>();

  static {
    for (DType t : values()) {
      BY_NAME.put(t.name(), t);
    }
  }

  private final int bits;

  DType(int bits) {
    this.bits = bits;
  }

  /// Width of one element in bits (4 and 6 for the sub-byte types).
  public int bits() {
    return bits;
  }

  /// The type of that exact name; lower case is not a type.
  public static Optional<DType> of(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }
}
