package io.metalmarlin.quant.transform;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.model.InputTransform;
import io.metalmarlin.quant.calibrate.ArrayMemory;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/// `x' = x B` with `B = blockdiag(S / sqrt(k))`, S the Sylvester-Hadamard matrix of order k:
/// `S[i][j] = (-1)^popcount(i & j)`. B is symmetric and its own inverse.
///
/// Source: "micro-rotations" of MR-GPTQ (arXiv 2509.23202); the same B as the Hadamard of FP-Quant
/// and of compressed-tensors' `transform_config`.
///
/// @param blockSize k, a power of two that divides the input width
public record BlockHadamard(int blockSize) implements Transform {
  public BlockHadamard {
    if (Integer.bitCount(blockSize) != 1 || blockSize < 2) {
      throw new IllegalArgumentException("Hadamard block " + blockSize + " is not a power of two");
    }
  }

  @Override
  public String name() {
    return "had" + blockSize;
  }

  @Override
  public Optional<InputTransform> online() {
    return Optional.of(new InputTransform(blockSize));
  }

  @Override
  public boolean fits(int cols) {
    return cols % blockSize == 0;
  }

  @Override
  public void applyToRows(MemorySegment weights, int rows, int cols) {
    requireFit(cols);
    float scale = (float) (1 / Math.sqrt(blockSize));
    float[] row = new float[cols];
    for (int r = 0; r < rows; r++) {
      long start = (long) r * cols * Float.BYTES;
      MemorySegment.copy(weights, JAVA_FLOAT_UNALIGNED, start, row, 0, cols);
      butterflies(row);
      for (int c = 0; c < cols; c++) {
        row[c] *= scale;
      }
      MemorySegment.copy(row, 0, weights, JAVA_FLOAT_UNALIGNED, start, cols);
    }
  }

  /// `B H B`: rows of `H B`, and because H is symmetric the same again on its transpose, so both
  /// passes run over contiguous rows.
  @Override
  public InputStatistics applyTo(InputStatistics statistics, Workers workers) {
    int cols = statistics.cols();
    requireFit(cols);
    INDArray result = ArrayMemory.zeros(DataType.DOUBLE, cols, cols);
    MemorySegment source = ArrayMemory.of(statistics.hessian());
    MemorySegment target = ArrayMemory.of(result);
    double scale = 1.0 / blockSize;
    workers.run(
        cols / blockSize,
        band -> {
          // k rows of B H B need only the same k rows of H.
          double[][] rows = new double[blockSize][cols];
          for (int i = 0; i < blockSize; i++) {
            long start = ((long) band * blockSize + i) * cols * Double.BYTES;
            MemorySegment.copy(source, JAVA_DOUBLE_UNALIGNED, start, rows[i], 0, cols);
            butterflies(rows[i]);
          }
          for (int half = 1; half < blockSize; half *= 2) {
            for (int i = 0; i < blockSize; i++) {
              if ((i & half) == 0) {
                addAndSubtract(rows[i], rows[i + half]);
              }
            }
          }
          for (int i = 0; i < blockSize; i++) {
            for (int c = 0; c < cols; c++) {
              rows[i][c] *= scale;
            }
            long start = ((long) band * blockSize + i) * cols * Double.BYTES;
            MemorySegment.copy(rows[i], 0, target, JAVA_DOUBLE_UNALIGNED, start, cols);
          }
        });
    mirror(target, cols);
    return new InputStatistics(result, statistics.tokens(), Float.NaN);
  }

  /// Rounding differs between (i, j) and (j, i); factorisations want exact symmetry.
  private static void mirror(MemorySegment h, int cols) {
    for (int i = 0; i < cols; i++) {
      for (int j = i + 1; j < cols; j++) {
        h.setAtIndex(
            JAVA_DOUBLE_UNALIGNED,
            (long) j * cols + i,
            h.getAtIndex(JAVA_DOUBLE_UNALIGNED, (long) i * cols + j));
      }
    }
  }

  private static void addAndSubtract(double[] a, double[] b) {
    for (int c = 0; c < a.length; c++) {
      double x = a[c];
      double y = b[c];
      a[c] = x + y;
      b[c] = x - y;
    }
  }

  private void butterflies(float[] row) {
    for (int half = 1; half < blockSize; half *= 2) {
      for (int start = 0; start < row.length; start += 2 * half) {
        for (int i = start; i < start + half; i++) {
          float x = row[i];
          float y = row[i + half];
          row[i] = x + y;
          row[i + half] = x - y;
        }
      }
    }
  }

  private void butterflies(double[] row) {
    for (int half = 1; half < blockSize; half *= 2) {
      for (int start = 0; start < row.length; start += 2 * half) {
        for (int i = start; i < start + half; i++) {
          double x = row[i];
          double y = row[i + half];
          row[i] = x + y;
          row[i + half] = x - y;
        }
      }
    }
  }

  private void requireFit(int cols) {
    if (!fits(cols)) {
      throw new IllegalArgumentException(
          "Hadamard block " + blockSize + " does not divide width " + cols);
    }
  }
}
