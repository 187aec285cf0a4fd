package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.model.InputTransform;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.quant.transform.BlockHadamard;
import io.metalmarlin.runtime.cpu.CpuKernels;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.StoredMatrix;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.Supplier;

/// A matrix of the source as numbers, packed or dense, in the basis of the model.
///
/// @param module the packed module, or empty for a dense tensor
/// @param dense the dense tensor, or empty
/// @param turned the dense tensor holds columns for rows
/// @param bytes in the source
public record WeightSource(
    String stem,
    int rows,
    int cols,
    Optional<PackedModule> module,
    Optional<TensorInfo> dense,
    boolean turned,
    long bytes) {
  /// A packed module.
  public static WeightSource of(PackedModule m, Checkpoint checkpoint) {
    return new WeightSource(
        m.stem(),
        m.rows(),
        m.cols(),
        Optional.of(m),
        Optional.empty(),
        false,
        m.byteSize(checkpoint));
  }

  /// A dense matrix.
  ///
  /// @param stem its name without `.weight`
  /// @param turned it is stored `[in, out]`
  public static WeightSource of(String stem, TensorInfo t, boolean turned) {
    return new WeightSource(
        stem,
        Math.toIntExact(t.shape().get(turned ? 1 : 0)),
        Math.toIntExact(t.shape().get(turned ? 0 : 1)),
        Optional.empty(),
        Optional.of(t),
        turned,
        t.byteSize());
  }

  /// What its layout is called.
  public String layout() {
    return module.map(m -> m.packing().name()).orElseGet(() -> dense.orElseThrow().dtype().name());
  }

  /// The stored type of the weights where they are dense, F32 where they are packed.
  public DType type() {
    return dense.map(TensorInfo::dtype).orElse(DType.F32);
  }

  /// Opens it for reading.
  public Reader open(Checkpoint checkpoint) {
    return new Reader(
        this,
        module.map(m -> named(() -> m.matrix(checkpoint))),
        dense.map(t -> checkpoint.bytes(t.name())),
        module.flatMap(PackedModule::transform));
  }

  /// What a matrix finds wrong with itself says where in the matrix; this says in which one.
  private <T> T named(Supplier<T> action) {
    try {
      return action.get();
    } catch (MarlinException e) {
      String where = e.where().startsWith(stem) ? e.where() : stem + ": " + e.where();
      throw new MarlinException(e.code(), where, e.getMessage(), e.hint(), e);
    }
  }

  /// Reads rows; usable by several threads.
  public record Reader(
      WeightSource source,
      Optional<PackedMatrix> matrix,
      Optional<MemorySegment> dense,
      Optional<InputTransform> transform) {
    /// Decodes the rows `[from, to)` into `out`; a rotated weight is rotated back.
    ///
    /// @throws MarlinException `NON_FINITE`
    public void read(int from, int to, float[] out) {
      if (matrix.isPresent()) {
        source.named(() -> {
          decode(matrix.get(), from, to, out);
          return out;
        });
      } else if (source.turned()) {
        turn(from, to, out);
      } else {
        DenseValues.read(
            source.type(), dense.orElseThrow(), (long) from * source.cols(), out, count(from, to));
      }
      transform.ifPresent(t ->
          new BlockHadamard(t.blockSize())
              .applyToRows(MemorySegment.ofArray(out), to - from, source.cols()));
    }

    /// Rows that are stored as columns.
    private void turn(int from, int to, float[] out) {
      float[] column = new float[to - from];
      for (int c = 0; c < source.cols(); c++) {
        long first = (long) c * source.rows() + from;
        DenseValues.read(source.type(), dense.orElseThrow(), first, column, column.length);
        for (int r = 0; r < column.length; r++) {
          out[r * source.cols() + c] = column[r];
        }
      }
    }

    /// Through the runner's kernel; the reference, which has the same numbers, decodes what is not
    /// finite, for its error says where.
    private void decode(PackedMatrix m, int from, int to, float[] out) {
      if (!(m instanceof QuantizedMatrix)) {
        m.decode(from, to, out);
        return;
      }
      StoredMatrix stored = new StoredMatrix.Packed(m, Optional.empty());
      WeightKernel kernel = CpuKernels.SIMD.weightsFor(stored);
      kernel.decode(stored, from, to, MemorySegment.ofArray(out));
      int count = count(from, to);
      for (int i = 0; i < count; i++) {
        if (!Float.isFinite(out[i])) {
          m.decode(from, to, out);
          return;
        }
      }
    }

    private int count(int from, int to) {
      return Math.multiplyExact(to - from, source.cols());
    }
  }
}
