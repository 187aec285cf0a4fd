package io.metalmarlin.formats.model;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// DeepSeek's `kv_b_proj` in MLX: `embed_q`, its keys transposed, and `unembed_out`, its values,
/// both `[heads, out, in]`, packed along their last dimension or not. Since the groups of the keys
/// run across those of the matrix, it is decoded to FP32, which loses nothing.
///
/// @param info `kv_b_proj.weight`
record MlxLatent(TensorInfo info, Half keys, Half values) implements MadeView.Made {
  private static final String KEYS = "embed_q";
  private static final String VALUES = "unembed_out";
  private static final long MOST_ELEMENTS = 1L << 30;

  /// One of the two.
  ///
  /// @param packing empty where it is stored plainly
  record Half(String stem, Optional<GroupPacking> packing, int heads, int rows, int cols) {
    List<String> tensors() {
      return packing
          .map(
              p -> p.planes(heads * rows, cols).stream().map(t -> stem + "." + t.suffix()).toList())
          .orElse(List.of(stem + ".weight"));
    }

    float[] decoded(Checkpoint file) {
      float[] out = new float[heads * rows * cols];
      List<MemorySegment> bytes = tensors().stream().map(file::bytes).toList();
      if (packing.isPresent()) {
        packing.get().decode(bytes, heads * rows, cols).decode(0, heads * rows, out);
      } else {
        DType dtype = file.tensors().get(stem + ".weight").dtype();
        Floats.widen(dtype, bytes.getFirst(), 0, out, 0, out.length);
      }
      return out;
    }
  }

  /// The matrix whose keys are the module `stem`; empty for any other module.
  ///
  /// @throws MarlinException `TENSOR_MISSING`, `TENSOR_MISMATCH` for halves that do not fit
  ///   together
  static List<MadeView.Made> find(MlxConfig mlx, Checkpoint file, String stem) {
    if (!stem.endsWith("." + KEYS) || !Tensors.has(file, stem + ".weight")) {
      return List.of();
    }
    String parent = stem.substring(0, stem.length() - KEYS.length());
    Half keys = half(mlx, file, stem);
    Half values = half(mlx, file, parent + VALUES);
    if (keys.heads() != values.heads() || keys.rows() != values.cols()) {
      throw Tensors.mismatch(
          file,
          stem + ".weight",
          "has %d heads of %d x %d, %s has %d of %d x %d"
              .formatted(
                  keys.heads(),
                  keys.rows(),
                  keys.cols(),
                  VALUES,
                  values.heads(),
                  values.rows(),
                  values.cols()));
    }
    long rows = (long) keys.heads() * (keys.cols() + values.rows());
    TensorInfo info = TensorInfo.of(parent + "kv_b_proj.weight", DType.F32, rows, values.cols());
    return List.of(new MlxLatent(info, keys, values));
  }

  private static Half half(MlxConfig mlx, Checkpoint file, String stem) {
    TensorInfo weight = Tensors.require(file, stem + ".weight");
    boolean packed = Tensors.has(file, stem + ".scales");
    GroupPacking packing = packed ? mlx.packing(stem, MlxDialect.scaleType(file, stem)) : null;
    List<Long> shape = weight.shape();
    long words = shape.size() == 3 ? shape.get(2) : 0;
    int bits = packing == null ? 32 : packing.scheme().codeBits();
    int group = packing == null ? 1 : packing.scheme().groupSize();
    long cols = 32 * words / bits;
    boolean sound =
        shape.size() == 3
            && shape.stream().allMatch(d -> d > 0 && d <= MOST_ELEMENTS)
            && 32 * words % bits == 0
            && cols % group == 0
            && Math.multiplyHigh(shape.get(0) * shape.get(1), cols) == 0
            && shape.get(0) * shape.get(1) * cols <= MOST_ELEMENTS
            && (packed || Floats.supports(weight.dtype()));
    if (!sound) {
      throw Tensors.mismatch(
          file,
          weight.name(),
          "is %s %s, not [heads, out, in] of weights".formatted(weight.dtype(), shape));
    }
    int heads = shape.get(0).intValue();
    int rows = shape.get(1).intValue();
    Half half = new Half(stem, Optional.ofNullable(packing), heads, rows, (int) cols);
    if (packing != null) {
      requirePlanes(file, half, packing);
    }
    return half;
  }

  private static void requirePlanes(Checkpoint file, Half half, GroupPacking packing) {
    for (Plane p : packing.planes(half.heads() * half.rows(), half.cols())) {
      TensorInfo stored = Tensors.require(file, half.stem() + "." + p.suffix());
      List<Long> shape = List.of((long) half.heads(), (long) half.rows(), p.shape().get(1));
      if (stored.dtype() != p.dtype() || !stored.shape().equals(shape)) {
        throw Tensors.mismatch(
            file,
            stored.name(),
            "is %s %s, its layout asks for %s %s"
                .formatted(stored.dtype(), stored.shape(), p.dtype(), shape));
      }
    }
  }

  @Override
  public List<String> sources() {
    List<String> all = new ArrayList<>(keys.tensors());
    all.addAll(values.tensors());
    return all;
  }

  @Override
  public MemorySegment bytes(Checkpoint file) {
    return new LatentHalves(keys.heads(), keys.rows(), keys.cols(), values.rows())
        .join(keys.decoded(file), values.decoded(file));
  }
}
