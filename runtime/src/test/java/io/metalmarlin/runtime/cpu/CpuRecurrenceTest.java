package io.metalmarlin.runtime.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.model.Recurrence;
import io.metalmarlin.runtime.model.Sequences;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Recurrent operations against sums over all earlier tokens in fp64, and in pieces with a state.
class CpuRecurrenceTest {
  private static final int TOKENS = 11;
  private static final Recurrence HEADS = new Recurrence(2, 6, 5, 3);

  private final CpuBackend backend = new CpuBackend(2);
  private final SplittableRandom random = new SplittableRandom(7);
  private final float[] q = values(2 * TOKENS * HEADS.keyWidth(), -1, 1);
  private final float[] k = values(2 * TOKENS * HEADS.keyWidth(), -.5, .5);
  private final float[] v = values(2 * TOKENS * HEADS.valueWidth(), -1, 1);
  private final float[] decays = values(2 * TOKENS * HEADS.valueHeads(), .5, 1);
  private final float[] rates = values(2 * TOKENS * HEADS.valueHeads(), 0, 1);

  @AfterEach
  void close() {
    backend.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void each_result_is_the_decayed_sum_over_its_sequence(boolean corrected) {
    float[] out = recur(0, 2 * TOKENS, 2, corrected, null);
    for (int s = 0; s < 2; s++) {
      for (int h = 0; h < HEADS.valueHeads(); h++) {
        double[][] added = added(s, h, corrected);
        for (int t = 0; t < TOKENS; t++) {
          double[] expected = recalled(q, s, h, t, t + 1, added);
          for (int j = 0; j < HEADS.valueDim(); j++) {
            int at = (s * TOKENS + t) * HEADS.valueWidth() + h * HEADS.valueDim() + j;
            assertThat((double) out[at]).isCloseTo(expected[j], within(1e-5));
          }
        }
      }
    }
  }

  @Test
  void pieces_with_a_state_are_the_whole() {
    float[] whole = recur(0, TOKENS, 1, true, null);
    try (Tensor state = backend.allocate(HEADS.valueHeads() * HEADS.keyDim(), HEADS.valueDim())) {
      float[] first = recur(0, 4, 1, true, state);
      float[] second = recur(4, TOKENS, 1, true, state);
      assertThat(first).isEqualTo(Arrays.copyOf(whole, first.length));
      assertThat(second).isEqualTo(Arrays.copyOfRange(whole, first.length, whole.length));
    }
  }

  @Test
  void a_convolution_sees_its_own_sequence_and_the_state_before_it() {
    int cols = 3;
    int width = 4;
    float[] x = values(2 * TOKENS * cols, -1, 1);
    float[] kernel = values(cols * width, -1, 1);
    float[] out = convolve(x, kernel, cols, new Sequences(2, TOKENS, 0), null);
    for (int i = 0; i < out.length; i++) {
      int t = i / cols % TOKENS;
      double sum = 0;
      for (int back = 0; back < Math.min(width, t + 1); back++) {
        sum += (double) kernel[i % cols * width + width - 1 - back] * x[i - back * cols];
      }
      assertThat((double) out[i]).isCloseTo(sum, within(1e-6));
    }
    try (Tensor state = backend.allocate(width - 1, cols)) {
      int from = 0;
      for (int n : new int[] {5, 1, 1, 4}) {
        float[] part = Arrays.copyOfRange(x, from * cols, (from + n) * cols);
        assertThat(convolve(part, kernel, cols, new Sequences(1, n, from), state))
            .isEqualTo(Arrays.copyOfRange(out, from * cols, (from + n) * cols));
        from += n;
      }
    }
  }

  @Test
  void decays_are_those_of_the_formula() {
    float[] steps = {-40, -1, 0, 3, 50, 200};
    try (Tensor x = tensor(steps, 6, 1)) {
      backend.decay(x, new float[] {.25f}, new float[] {.5f});
      for (int i = 0; i < steps.length; i++) {
        double step = steps[i] + .5;
        double softplus = Math.max(step, 0) + Math.log1p(Math.exp(-Math.abs(step)));
        assertThat((double) read(x)[i]).isCloseTo(Math.exp(-.25 * softplus), within(1e-6));
      }
    }
  }

  /// What each token adds to the memory of a head, as a value.
  private double[][] added(int s, int h, boolean corrected) {
    double[][] added = new double[TOKENS][HEADS.valueDim()];
    for (int t = 0; t < TOKENS; t++) {
      int row = s * TOKENS + t;
      double[] known = recalled(k, s, h, t, t, added);
      for (int j = 0; j < HEADS.valueDim(); j++) {
        double value = v[row * HEADS.valueWidth() + h * HEADS.valueDim() + j];
        double rate = rates[row * HEADS.valueHeads() + h];
        added[t][j] = corrected ? rate * (value - known[j]) : value;
      }
    }
    return added;
  }

  /// `sum(decays up to t * (query . key) * added)` over the tokens before `end`.
  private double[] recalled(float[] queries, int s, int h, int t, int end, double[][] added) {
    double[] sum = new double[HEADS.valueDim()];
    int head = h / 3 * HEADS.keyDim();
    for (int u = 0; u < end; u++) {
      double weight = 0;
      for (int i = 0; i < HEADS.keyDim(); i++) {
        weight +=
            (double) queries[(s * TOKENS + t) * HEADS.keyWidth() + head + i]
                * k[(s * TOKENS + u) * HEADS.keyWidth() + head + i];
      }
      for (int d = u + 1; d <= t; d++) {
        weight *= decays[(s * TOKENS + d) * HEADS.valueHeads() + h];
      }
      for (int j = 0; j < sum.length; j++) {
        sum[j] += weight * added[u][j];
      }
    }
    return sum;
  }

  private float[] recur(int from, int to, int sequences, boolean corrected, Tensor state) {
    int rows = to - from;
    try (Tensor queries = part(q, from, to, HEADS.keyWidth());
        Tensor keys = part(k, from, to, HEADS.keyWidth());
        Tensor vals = part(v, from, to, HEADS.valueWidth());
        Tensor decay = part(decays, from, to, HEADS.valueHeads());
        Tensor rate = part(rates, from, to, HEADS.valueHeads());
        Tensor out = backend.allocate(rows, HEADS.valueWidth())) {
      Sequences all = new Sequences(sequences, rows / sequences, from);
      Tensor given = corrected ? rate : null;
      backend.recur(HEADS, queries, keys, vals, decay, given, all, state, out);
      return read(out);
    }
  }

  private float[] convolve(float[] x, float[] kernel, int cols, Sequences s, Tensor state) {
    try (Tensor in = tensor(x, s.rows(), cols);
        Tensor out = backend.allocate(s.rows(), cols)) {
      backend.convolve(in, kernel, s, state, out);
      return read(out);
    }
  }

  private Tensor part(float[] all, int from, int to, int cols) {
    return tensor(Arrays.copyOfRange(all, from * cols, to * cols), to - from, cols);
  }

  private Tensor tensor(float[] values, int rows, int cols) {
    Tensor t = backend.allocate(rows, cols);
    backend.write(t, MemorySegment.ofArray(values));
    return t;
  }

  private float[] read(Tensor t) {
    return backend.host(t).toArray(ValueLayout.JAVA_FLOAT);
  }

  private float[] values(int n, double from, double to) {
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = (float) random.nextDouble(from, to);
    }
    return out;
  }

  private static org.assertj.core.data.Offset<Double> within(double difference) {
    return org.assertj.core.data.Offset.offset(difference);
  }
}
