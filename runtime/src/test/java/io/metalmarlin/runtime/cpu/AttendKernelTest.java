package io.metalmarlin.runtime.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.runtime.cpu.kernel.AttendKernel;
import io.metalmarlin.runtime.model.Heads;
import io.metalmarlin.runtime.model.Scores;
import io.metalmarlin.runtime.model.Sequences;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// One query against the scalar kernel, at widths around one and four vectors and keys that lie
/// further apart than they are wide.
class AttendKernelTest {
  private static final int[] WIDTHS = {1, 6, 16, 20, 64, 80, 100, 128, 200};
  private static final int[] KEYS = {1, 2, 33};

  static Stream<Arguments> shapes() {
    return Arrays.stream(WIDTHS)
        .boxed()
        .flatMap(w -> Arrays.stream(KEYS).mapToObj(k -> Arguments.of(w, k)));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void scores_and_mixtures_are_those_of_the_scalar_kernel(int width, int keys) {
    float[][] expected = both(CpuKernels.SCALAR.attend(), width, keys);
    float[][] actual = both(CpuKernels.SIMD.attend(), width, keys);
    assertThat(actual[0]).containsExactly(expected[0], Offset.offset(1e-4f));
    assertThat(actual[1]).containsExactly(expected[1], Offset.offset(1e-4f));
  }

  private static float[][] both(AttendKernel kernel, int width, int keys) {
    long stride = 4L * (width + 3);
    MemorySegment q = Memory.random(width + 2, 1);
    MemorySegment rows = Memory.random(keys * (width + 3) + 5, 2);
    MemorySegment scores = Memory.floats(keys);
    MemorySegment out = Memory.floats(width + 1);
    kernel.scores(q, 8, rows, 20, stride, keys, width, .5f, scores);
    kernel.mix(scores, .25f, rows, 20, stride, keys, width, out, 4);
    return new float[][] {Memory.array(scores, keys), Memory.array(out, width + 1)};
  }

  @Test
  void heads_that_threads_share_give_what_one_thread_gives() {
    Heads wide = new Heads(64, 32, 2048, 2048);
    assertThat(attended(wide, 3)).isEqualTo(attended(wide, 1));
  }

  /// Few rows, and many enough multiplications to share.
  private static float[] attended(Heads heads, int threads) {
    int rows = 4;
    try (CpuBackend backend = new CpuBackend(threads);
        CpuTensor q = random(rows, heads.queryWidth(), 1);
        CpuTensor k = random(rows, heads.keyWidth(), 2);
        CpuTensor v = random(rows, heads.valueWidth(), 3);
        CpuTensor out = CpuTensor.allocate(rows, heads.mixedWidth())) {
      Sequences sequences = Sequences.fresh(1, rows);
      backend.attention(heads, Scores.plain(.02f), new float[0], 0, q, k, v, sequences, null, out);
      return Memory.array(out.data(), rows * heads.mixedWidth());
    }
  }

  private static CpuTensor random(int rows, int cols, long seed) {
    CpuTensor t = CpuTensor.allocate(rows, cols);
    t.data().copyFrom(Memory.random(rows * cols, seed).asSlice(0, 4L * rows * cols));
    return t;
  }
}
