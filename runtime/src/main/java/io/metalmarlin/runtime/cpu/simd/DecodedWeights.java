package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.F;
import static io.metalmarlin.runtime.cpu.simd.Lanes.L;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.scheme.ColumnScaled;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TrellisMatrix;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.StoredMatrix;
import io.metalmarlin.runtime.model.StoredMatrix.Packed;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Packed weights of any scheme: a row is decoded to fp32, then multiplied in vectors. For every
/// form of weights that has no kernel of its own.
public final class DecodedWeights implements WeightKernel {
  @Override
  public boolean accepts(StoredMatrix matrix) {
    return matrix instanceof Packed;
  }

  @Override
  public void decode(StoredMatrix matrix, int from, int to, MemorySegment out) {
    PackedMatrix m = ((Packed) matrix).matrix();
    float[] row = new float[m.cols()];
    Rows rows = rows(m);
    for (int r = from; r < to; r++) {
      rows.decode(r, row);
      MemorySegment.copy(row, 0, out, JAVA_FLOAT_UNALIGNED, 4L * (r - from) * m.cols(), row.length);
    }
  }

  @Override
  public void multiply(
      StoredMatrix matrix,
      int from,
      int to,
      MemorySegment prepared,
      MemorySegment out,
      long outOffset) {
    PackedMatrix m = ((Packed) matrix).matrix();
    float[] row = new float[m.cols()];
    Rows rows = rows(m);
    for (int r = from; r < to; r++) {
      rows.decode(r, row);
      out.set(JAVA_FLOAT_UNALIGNED, outOffset + 4L * r, dot(row, prepared));
    }
  }

  /// Decodes whole rows.
  private interface Rows {
    void decode(int row, float[] out);
  }

  private static Rows rows(PackedMatrix m) {
    return switch (m) {
      case QuantizedMatrix q -> {
        GroupRows groups = new GroupRows(q);
        yield (row, out) -> groups.decode(row, out, 0);
      }
      case TrellisMatrix t -> new TrellisRows(t)::decode;
      case ColumnScaled s -> {
        Rows inner = rows(s.matrix());
        yield (row, out) -> {
          inner.decode(row, out);
          for (int c = 0; c < out.length; c++) {
            out[c] *= s.factors()[c];
          }
        };
      }
      default -> (row, out) -> m.decode(row, row + 1, out);
    };
  }

  private static float dot(float[] w, MemorySegment x) {
    FloatVector a = FloatVector.zero(F);
    FloatVector b = a;
    int whole = w.length - w.length % (2 * L);
    for (int i = 0; i < whole; i += 2 * L) {
      a = FloatVector.fromArray(F, w, i).fma(Lanes.load(x, 4L * i), a);
      b = FloatVector.fromArray(F, w, i + L).fma(Lanes.load(x, 4L * (i + L)), b);
    }
    float sum = Lanes.sum(a.add(b));
    for (int i = whole; i < w.length; i++) {
      sum = Math.fma(w[i], x.get(JAVA_FLOAT_UNALIGNED, 4L * i), sum);
    }
    return sum;
  }
}
