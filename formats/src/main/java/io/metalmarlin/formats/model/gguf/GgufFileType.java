package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;

/// `general.file_type`: ggml's number for a file by the type of most of its matrices. For the K
/// types that of the middle mix. Readers show it and decide nothing by it.
final class GgufFileType {
  private static final Map<DType, Integer> NUMBERS = new EnumMap<>(DType.class);

  static {
    NUMBERS.put(DType.F32, 0);
    NUMBERS.put(DType.F16, 1);
    NUMBERS.put(DType.Q4_0, 2);
    NUMBERS.put(DType.Q4_1, 3);
    NUMBERS.put(DType.Q8_0, 7);
    NUMBERS.put(DType.Q5_0, 8);
    NUMBERS.put(DType.Q5_1, 9);
    NUMBERS.put(DType.Q2_K, 10);
    NUMBERS.put(DType.Q3_K, 12);
    NUMBERS.put(DType.Q4_K, 15);
    NUMBERS.put(DType.Q5_K, 17);
    NUMBERS.put(DType.Q6_K, 18);
    NUMBERS.put(DType.IQ2_XXS, 19);
    NUMBERS.put(DType.IQ2_XS, 20);
    NUMBERS.put(DType.IQ3_XXS, 23);
    NUMBERS.put(DType.IQ1_S, 24);
    NUMBERS.put(DType.IQ4_NL, 25);
    NUMBERS.put(DType.IQ3_S, 26);
    NUMBERS.put(DType.IQ2_S, 28);
    NUMBERS.put(DType.IQ4_XS, 30);
    NUMBERS.put(DType.IQ1_M, 31);
    NUMBERS.put(DType.BF16, 32);
    NUMBERS.put(DType.TQ1_0, 36);
    NUMBERS.put(DType.TQ2_0, 37);
    NUMBERS.put(DType.MXFP4, 38);
    NUMBERS.put(DType.NVFP4, 39);
    NUMBERS.put(DType.Q1_0, 40);
    NUMBERS.put(DType.Q2_0, 41);
  }

  private GgufFileType() {}

  /// The number for the type with the most elements among the matrices inside the blocks.
  static int of(Collection<TensorInfo> tensors) {
    Map<DType, Long> elements = new EnumMap<>(DType.class);
    for (TensorInfo t : tensors) {
      if (t.shape().size() > 1 && t.name().startsWith("blk.")) {
        elements.merge(t.dtype(), t.elements(), Long::sum);
      }
    }
    return elements.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(e -> NUMBERS.getOrDefault(e.getKey(), 0))
        .orElse(0);
  }
}
