package io.metalmarlin.runtime.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.metalmarlin.runtime.model.Sequences;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Causal convolution of each column by itself. The operands are those of `Backend.convolve`.
record CpuConvolution(
    CpuTensor x, float[] kernel, Sequences sequences, @Nullable CpuTensor state, CpuTensor out) {
  CpuConvolution {
    boolean fits =
        x != out
            && x.rows() == sequences.rows()
            && out.rows() == x.rows()
            && out.cols() == x.cols()
            && kernel.length % x.cols() == 0
            && (state == null || sequences.count() == 1);
    if (!fits) {
      throw new IllegalArgumentException(
          "convolution does not fit: %s, %s, %s".formatted(x, sequences, out));
    }
  }

  /// One row of the result.
  void row(int row) {
    int cols = x.cols();
    int width = kernel.length / cols;
    float[] sum = new float[cols];
    float[] line = new float[cols];
    int position = row % sequences.length();
    for (int j = 0; j < width; j++) {
      int before = position - (width - 1) + j;
      if (before >= 0) {
        load(x, row - position + before, line);
      } else if (state != null) {
        load(state, before + width - 1, line);
      } else {
        Arrays.fill(line, 0);
      }
      for (int c = 0; c < cols; c++) {
        sum[c] += kernel[c * width + j] * line[c];
      }
    }
    MemorySegment.copy(sum, 0, out.data(), JAVA_FLOAT, out.offset(row), cols);
  }

  /// Makes the state, if there is one, the last rows of itself and `x`.
  void keep() {
    if (state == null) {
      return;
    }
    float[] line = new float[x.cols()];
    for (int i = 0; i < state.rows(); i++) {
      int from = i + x.rows();
      load(from < state.rows() ? state : x, from < state.rows() ? from : from - state.rows(), line);
      MemorySegment.copy(line, 0, state.data(), JAVA_FLOAT, state.offset(i), line.length);
    }
  }

  private static void load(CpuTensor from, int row, float[] to) {
    MemorySegment.copy(from.data(), JAVA_FLOAT, from.offset(row), to, 0, to.length);
  }
}
