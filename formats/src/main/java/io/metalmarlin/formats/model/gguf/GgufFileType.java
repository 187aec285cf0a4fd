package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/// `general.file_type`: ggml's number for a file by the type of most of its matrices. For the K
/// types that of the middle mix. Readers show it and decide nothing by it.
public final class GgufFileType {
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

  /// Names of mixes by number, where they are not those of one type; readers print them.
  private static final Map<Integer, String> MIXES =
      Map.ofEntries(
          Map.entry(11, "Q3_K_S"),
          Map.entry(12, "Q3_K_M"),
          Map.entry(13, "Q3_K_L"),
          Map.entry(14, "Q4_K_S"),
          Map.entry(15, "Q4_K_M"),
          Map.entry(16, "Q5_K_S"),
          Map.entry(17, "Q5_K_M"),
          Map.entry(21, "Q2_K_S"),
          Map.entry(22, "IQ3_XS"),
          Map.entry(27, "IQ3_M"),
          Map.entry(29, "IQ2_M"),
          Map.entry(38, "MXFP4_MOE"));

  private GgufFileType() {}

  /// The name that llama.cpp gives the number, `Q4_K_M` for 15; empty for one that is not known.
  public static Optional<String> name(long number) {
    if (number != (int) number) {
      return Optional.empty();
    }
    return Optional.ofNullable(MIXES.get((int) number))
        .or(() ->
            NUMBERS.entrySet().stream()
                .filter(e -> e.getValue() == number)
                .map(e -> e.getKey().name())
                .findFirst());
  }

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
