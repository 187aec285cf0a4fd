package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.model.LatentHalves;
import io.metalmarlin.formats.scheme.ggml.BlockCodecs;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// DeepSeek's `kv_b_proj`, which files hold as keys `[heads, latent, keys]` and values `[heads,
/// values, latent]`. The keys are transposed, so that their blocks run the other way: the whole
/// matrix is decoded to FP32, which loses nothing.
///
/// @param info `kv_b_proj.weight`, F32 `[heads·(keys + values), latent]`
record LatentTensor(TensorInfo info, TensorInfo keys, TensorInfo values) implements ViewedTensor {
  private static final long MOST_ELEMENTS = 1L << 30;

  /// Whether two tensors of a file are the halves of one matrix.
  static boolean fits(TensorInfo keys, TensorInfo values) {
    List<Long> k = keys.shape();
    List<Long> v = values.shape();
    return k.size() == 3
        && v.size() == 3
        && k.get(0).equals(v.get(0))
        && k.get(1).equals(v.get(2))
        && isSmall(keys)
        && isSmall(values)
        && decodes(keys.dtype())
        && decodes(values.dtype());
  }

  /// Whether an array holds all elements, and no dimension is nothing.
  private static boolean isSmall(TensorInfo t) {
    return t.elements() > 0 && t.elements() <= MOST_ELEMENTS;
  }

  private static boolean decodes(DType type) {
    return type.isBlock() || type == DType.F32 || type == DType.F16 || type == DType.BF16;
  }

  static LatentTensor of(String name, TensorInfo keys, TensorInfo values) {
    long heads = keys.shape().getFirst();
    long rows = heads * (keys.shape().get(2) + values.shape().get(1));
    TensorInfo info = TensorInfo.of(name, DType.F32, rows, keys.shape().get(1));
    return new LatentTensor(info, keys, values);
  }

  @Override
  public String source() {
    return keys.name();
  }

  @Override
  public MemorySegment bytes(Checkpoint file) {
    int heads = keys.shape().getFirst().intValue();
    int latent = keys.shape().get(1).intValue();
    int keyRows = keys.shape().get(2).intValue();
    int valueRows = values.shape().get(1).intValue();
    return new LatentHalves(heads, latent, keyRows, valueRows)
        .join(decoded(file, keys), decoded(file, values));
  }

  private static float[] decoded(Checkpoint file, TensorInfo t) {
    MemorySegment bytes = file.bytes(t.name());
    float[] out = new float[Math.toIntExact(t.elements())];
    if (t.dtype().isBlock()) {
      int blocks = out.length / t.dtype().blockElements();
      BlockCodecs.of(t.dtype()).decode(bytes, 0, blocks, out, 0);
      return out;
    }
    for (int i = 0; i < out.length; i++) {
      out[i] =
          switch (t.dtype()) {
            case BF16 ->
                Float.intBitsToFloat(bytes.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i) << 16);
            case F16 -> Float.float16ToFloat(bytes.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i));
            default -> bytes.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
          };
    }
    return out;
  }
}
