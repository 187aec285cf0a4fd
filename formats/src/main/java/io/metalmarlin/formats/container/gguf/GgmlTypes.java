package io.metalmarlin.formats.container.gguf;

import io.metalmarlin.formats.tensor.DType;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// ggml's numbers for tensor types (`ggml.h`, enum `ggml_type`).
final class GgmlTypes {
  private static final Map<Integer, DType> BY_ID = new HashMap<>();
  private static final Map<DType, Integer> IDS = new EnumMap<>(DType.class);

  static {
    put(0, DType.F32);
    put(1, DType.F16);
    put(2, DType.Q4_0);
    put(3, DType.Q4_1);
    put(6, DType.Q5_0);
    put(7, DType.Q5_1);
    put(8, DType.Q8_0);
    put(9, DType.Q8_1);
    put(10, DType.Q2_K);
    put(11, DType.Q3_K);
    put(12, DType.Q4_K);
    put(13, DType.Q5_K);
    put(14, DType.Q6_K);
    put(15, DType.Q8_K);
    put(16, DType.IQ2_XXS);
    put(17, DType.IQ2_XS);
    put(18, DType.IQ3_XXS);
    put(19, DType.IQ1_S);
    put(20, DType.IQ4_NL);
    put(21, DType.IQ3_S);
    put(22, DType.IQ2_S);
    put(23, DType.IQ4_XS);
    put(24, DType.I8);
    put(25, DType.I16);
    put(26, DType.I32);
    put(27, DType.I64);
    put(28, DType.F64);
    put(29, DType.IQ1_M);
    put(30, DType.BF16);
    put(34, DType.TQ1_0);
    put(35, DType.TQ2_0);
    put(39, DType.MXFP4);
    put(40, DType.NVFP4);
    put(41, DType.Q1_0);
    put(42, DType.Q2_0);
  }

  private GgmlTypes() {}

  private static void put(int id, DType type) {
    BY_ID.put(id, type);
    IDS.put(type, id);
  }

  static Optional<DType> of(int id) {
    return Optional.ofNullable(BY_ID.get(id));
  }

  /// The type's number, or empty for the types that GGUF has not.
  static Optional<Integer> id(DType type) {
    return Optional.ofNullable(IDS.get(type));
  }

  /// The name of a type that ggml has withdrawn.
  static Optional<String> retired(int id) {
    return switch (id) {
      case 4 -> Optional.of("Q4_2");
      case 5 -> Optional.of("Q4_3");
      case 31 -> Optional.of("Q4_0_4_4");
      case 32 -> Optional.of("Q4_0_4_8");
      case 33 -> Optional.of("Q4_0_8_8");
      case 36 -> Optional.of("IQ4_NL_4_4");
      case 37 -> Optional.of("IQ4_NL_4_8");
      case 38 -> Optional.of("IQ4_NL_8_8");
      default -> Optional.empty();
    };
  }
}
