package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.quant.calibrate.ArrayMemory;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/// The factor of the damped Hessian that error feedback walks along.
///
/// The literature takes U, upper triangular with `U'U = inv(H_r)`, and moves each column's error on
/// by `U[j, later] / U[j,j]`. Written in the deviations `D = Q - W`, the same walk needs no
/// inverse: number the columns from the last rounded (position 0) to the first (position d-1) and
/// take `H_r = L L'`, L lower. Then `tr(D H_r D') = |D L|^2`, column j of `D L` is `L[j,j] (D_j +
/// sum over i>j of D_i L[i,j] / L[j,j])`, and rounding from position d-1 down, each column makes
/// its own term as small as it can when it is rounded from `v_j = w_j - sum over i>j of D_i L[i,j]
/// / L[j,j]`. That is GPTQ read as Babai's nearest plane (arXiv 2507.18553), and it costs one
/// Cholesky factorisation, `d^3 / 3`.
///
/// @param order stored column of each position
/// @param lower `L[i,j] / L[j,j]` below the diagonal, 0 on it; above it zeros, or H_r where it is
///   kept for refinement; fp32, `[d, d]`, row-major
/// @param diagonal of H_r, by position; that of a column that was never active is next to nothing
/// @param pivots `L[j,j]^2` by position
/// @param added what damping added to the diagonal, by position: `H_r = H + diag(added)`
/// @param dead whether a column was never active, by position
record ColumnFactor(
    int[] order,
    INDArray lower,
    float[] diagonal,
    double[] pivots,
    double[] added,
    boolean[] dead,
    SolveEvents events)
    implements AutoCloseable {
  private static final int RETRIES = 8;
  private static final double FIRST_RETRY = .01;
  private static final double DEAD = 1e-10;

  /// Weight of a column that was never active where parameters of its group are chosen.
  static final double DEAD_WEIGHT = 1e-6;

  /// A single-precision pivot is what remains of its diagonal entry after subtracting everything
  /// the other columns explain. With less than this part left too few bits are right, and the
  /// factorisation is repeated in double precision.
  private static final double SINGLE_PIVOT = 1e-4;

  /// Damps by `damping * mean(diag H) I + shrink * diag(H)`; the former is doubled at most 8 times
  /// until the factorisation succeeds. Columns that were never active (`H_jj <= 1e-10 mean`) are
  /// cut off: no error moves in or out of them.
  ///
  /// @throws MarlinException `NOT_POSITIVE_DEFINITE` for a negative diagonal and when retries are
  ///   used up
  static ColumnFactor of(InputStatistics statistics, SolveOptions options, Workers workers) {
    return of(statistics, options, 1, workers);
  }

  /// The same with runs of `unit` columns that stay together: see [ColumnOrders#lastToFirst].
  static ColumnFactor of(
      InputStatistics statistics, SolveOptions options, int unit, Workers workers) {
    return of(
        statistics,
        options.damping(),
        options.shrink(),
        options.order(),
        options.refine() > 0,
        unit,
        workers);
  }

  /// The same without the other choices of a recipe.
  ///
  /// @param upper whether the upper triangle holds what refinement reads
  static ColumnFactor of(
      InputStatistics statistics,
      double initialDamping,
      double shrink,
      ColumnOrder columnOrder,
      boolean upper,
      int unit,
      Workers workers) {
    int d = statistics.cols();
    MemorySegment h = ArrayMemory.of(statistics.hessian());
    double[] diagonal = new double[d];
    for (int c = 0; c < d; c++) {
      diagonal[c] = h.getAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, (long) c * d + c);
      if (!(diagonal[c] >= 0 && diagonal[c] < Double.POSITIVE_INFINITY)) {
        throw indefinite(d, "entry %d of its diagonal is %g".formatted(c, diagonal[c]));
      }
    }
    double mean = Arrays.stream(diagonal).sum() / d;
    int[] order = ColumnOrders.lastToFirst(columnOrder, diagonal, unit);
    boolean[] dead = new boolean[d];
    int deadColumns = 0;
    for (int position = 0; position < d; position++) {
      dead[position] = diagonal[order[position]] <= DEAD * mean;
      deadColumns += dead[position] ? 1 : 0;
    }
    double damping = initialDamping;
    INDArray lower = ArrayMemory.zeros(DataType.FLOAT, d, d);
    Hessian damped = new Hessian(h, diagonal, order, dead, mean, shrink);
    try {
      for (int retries = 0; ; retries++) {
        double[] pivots = damped.factor(damping, lower, workers);
        if (pivots.length > 0) {
          SolveEvents events = new SolveEvents(deadColumns, retries, damping);
          if (upper) {
            damped.writeUpper(lower, workers);
          }
          float[] kept = damped.kept(damping);
          return new ColumnFactor(order, lower, kept, pivots, damped.added(damping), dead, events);
        }
        if (retries == RETRIES) {
          throw indefinite(
              d,
              "the factorisation fails with damping %g even after %d doublings"
                  .formatted(damping, retries));
        }
        damping = Math.max(2 * damping, FIRST_RETRY);
      }
    } catch (RuntimeException e) {
      lower.close();
      throw e;
    }
  }

  /// The pivots, 0 for columns that were never active: what is done to them costs nothing.
  double[] livePivots() {
    return IntStream.range(0, pivots.length).mapToDouble(p -> dead[p] ? 0 : pivots[p]).toArray();
  }

  private static MarlinException indefinite(int d, String what) {
    return new MarlinException(
        ErrorCode.NOT_POSITIVE_DEFINITE,
        "Hessian of an input of width " + d,
        "the matrix is not positive definite: " + what,
        "use more calibration samples or a larger --damp");
  }

  @Override
  public void close() {
    lower.close();
  }

  /// H in the order of positions, with damping.
  private record Hessian(
      MemorySegment h, double[] diagonal, int[] order, boolean[] dead, double mean, double shrink) {
    double[] added(double damping) {
      double[] added = new double[order.length];
      for (int p = 0; p < added.length; p++) {
        added[p] = damping * mean + (dead[p] ? neutral() : shrink * diagonal[order[p]]);
      }
      return added;
    }

    /// What refinement calls the diagonal: a column that was never active must decide no scale.
    float[] kept(double damping) {
      float[] kept = new float[order.length];
      for (int p = 0; p < kept.length; p++) {
        kept[p] = (float) ((dead[p] ? DEAD_WEIGHT : 1) * diagonalEntry(p, damping));
      }
      return kept;
    }

    /// Writes H above the diagonal.
    void writeUpper(INDArray lower, Workers workers) {
      MemorySegment target = ArrayMemory.of(lower);
      int d = order.length;
      workers.run(
          d,
          i -> {
            double[] stored = new double[d];
            double[] row = new double[d - i - 1];
            MemorySegment.copy(
                h,
                ValueLayout.JAVA_DOUBLE_UNALIGNED,
                (long) order[i] * d * Double.BYTES,
                stored,
                0,
                d);
            for (int j = i + 1; j < d; j++) {
              row[j - i - 1] = dead[i] || dead[j] ? 0 : stored[order[j]];
            }
            Precision.SINGLE.write(row, row.length, target, (long) i * d + i + 1);
          });
    }

    /// What stands on the diagonal of a dead column before damping: any positive number does.
    private double neutral() {
      return mean > 0 ? mean : 1;
    }

    /// Fills `lower` and returns the pivots, or nothing when a pivot is not positive.
    double[] factor(double damping, INDArray lower, Workers workers) {
      MemorySegment target = ArrayMemory.of(lower);
      double[] pivots = factor(Precision.SINGLE, damping, target, workers);
      boolean precise = pivots.length > 0;
      for (int p = 0; precise && p < pivots.length; p++) {
        precise = pivots[p] >= SINGLE_PIVOT * diagonalEntry(p, damping);
      }
      if (precise) {
        scale(Precision.SINGLE, target, target, pivots, workers);
        return pivots;
      }
      try (INDArray wide = ArrayMemory.zeros(DataType.DOUBLE, order.length, order.length)) {
        MemorySegment a = ArrayMemory.of(wide);
        pivots = factor(Precision.DOUBLE, damping, a, workers);
        scale(Precision.DOUBLE, a, target, pivots, workers);
        return pivots;
      }
    }

    private double[] factor(Precision precision, double damping, MemorySegment a, Workers workers) {
      int d = order.length;
      workers.run(
          d,
          i -> {
            double[] stored = new double[d];
            double[] row = new double[i + 1];
            MemorySegment.copy(
                h,
                ValueLayout.JAVA_DOUBLE_UNALIGNED,
                (long) order[i] * d * Double.BYTES,
                stored,
                0,
                d);
            for (int j = 0; j < i; j++) {
              row[j] = dead[i] || dead[j] ? 0 : stored[order[j]];
            }
            row[i] = diagonalEntry(i, damping);
            precision.write(row, i + 1, a, (long) i * d);
          });
      if (Cholesky.factor(precision, a, d, workers) != 0) {
        return new double[0];
      }
      double[] pivots = new double[d];
      double[] corner = new double[1];
      for (int p = 0; p < d; p++) {
        precision.read(a, (long) p * d + p, corner, 1);
        double l = corner[0];
        if (!(l > 0 && l < Double.POSITIVE_INFINITY)) {
          return new double[0];
        }
        pivots[p] = l * l;
      }
      return pivots;
    }

    private double diagonalEntry(int position, double damping) {
      return damping * mean
          + (dead[position] ? neutral() : (1 + shrink) * diagonal[order[position]]);
    }

    /// Divides columns by their diagonal entry, which becomes 0.
    private static void scale(
        Precision precision,
        MemorySegment from,
        MemorySegment to,
        double[] pivots,
        Workers workers) {
      int d = pivots.length;
      double[] inverse = Arrays.stream(pivots).map(p -> 1 / Math.sqrt(p)).toArray();
      workers.run(
          d,
          i -> {
            double[] row = new double[i + 1];
            precision.read(from, (long) i * d, row, i);
            for (int j = 0; j < i; j++) {
              row[j] *= inverse[j];
            }
            Precision.SINGLE.write(row, i + 1, to, (long) i * d);
          });
    }
  }
}
