package io.metalmarlin.runtime.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.runtime.cpu.kernel.RowKernel;
import io.metalmarlin.runtime.model.Activation;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The fast row kernels against the scalar ones, at sizes around every vector width and tail.
class RowKernelTest {
  private static final RowKernel SCALAR = CpuKernels.SCALAR.rows();
  private static final RowKernel SIMD = CpuKernels.SIMD.rows();

  static IntStream sizes() {
    return IntStream.concat(
        IntStream.rangeClosed(1, 35), IntStream.of(48, 63, 64, 65, 127, 128, 130, 257, 1000));
  }

  static Stream<Arguments> hadamards() {
    return Stream.of(2, 4, 8, 16, 32, 64, 128)
        .flatMap(b -> Stream.of(1, 2, 3, 5, 8).map(n -> Arguments.of(n * b, b)));
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void norms_agree(int n) {
    float[] gamma = Memory.array(Memory.random(n + 3, 5), n + 3);
    both(n, (k, x) -> k.rmsNorm(x, 0, gamma, 3, n, 1e-6f, x, 0), 2e-6f);
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void layer_norms_agree(int n) {
    float[] gamma = Memory.array(Memory.random(n + 3, 5), n + 3);
    both(n, (k, x) -> k.layerNorm(x, 0, gamma, 3, n, 1e-5f, x, 0), 4e-6f);
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void rotations_agree(int half) {
    float[] cos = Memory.array(Memory.random(2 * half, 6), 2 * half);
    float[] sin = Memory.array(Memory.random(2 * half, 7), 2 * half);
    both(2 * half, (k, x) -> k.rotate(x, 0, half, cos, sin, half), 2e-6f);
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void rotations_of_neighbours_agree(int half) {
    float[] cos = Memory.array(Memory.random(2 * half, 6), 2 * half);
    float[] sin = Memory.array(Memory.random(2 * half, 7), 2 * half);
    both(2 * half, (k, x) -> k.rotateNeighbours(x, 0, half, cos, sin, half), 2e-6f);
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void gates_agree(int n) {
    MemorySegment up = Memory.random(n, 8);
    for (Activation a : Activation.values()) {
      both(n, (k, x) -> k.gate(a, x, 0, up, 0, n), 1e-6f);
    }
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void activations_agree(int n) {
    for (Activation a : Activation.values()) {
      both(n, (k, x) -> k.activate(a, x, 0, n), 1e-6f);
    }
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void soft_caps_agree(int n) {
    both(n, (k, x) -> k.softcap(x, 0, n, 0.7f), 1e-6f);
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void gates_of_large_values_agree(int n) {
    MemorySegment up = Memory.random(n, 8);
    MemorySegment large = Memory.random(n, 9);
    SCALAR.scale(large, 0, n, 100f);
    for (Activation activation : Activation.values()) {
      MemorySegment a = Memory.copy(large);
      MemorySegment b = Memory.copy(large);
      SCALAR.gate(activation, a, 0, up, 0, n);
      SIMD.gate(activation, b, 0, up, 0, n);
      // Squares of values around 100, times the other factor, reach 20,000: half an ulp is 1e-3.
      float tolerance = activation == Activation.RELU_SQUARED ? 1e-2f : 2e-3f;
      assertThat(Memory.array(b, n))
          .as(activation.name())
          .containsExactly(Memory.array(a, n), Offset.offset(tolerance));
    }
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void sums_agree_exactly(int n) {
    MemorySegment y = Memory.random(n, 10);
    both(n, (k, x) -> k.add(x, 0, y, 0, n), 0f);
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void biases_agree_exactly(int n) {
    float[] bias = Memory.array(Memory.random(n, 11), n);
    both(n, (k, x) -> k.addBias(x, 0, bias, 0, n), 0f);
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void scalings_agree_exactly(int n) {
    both(n, (k, x) -> k.scale(x, 0, n, 0.3f), 0f);
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void exponentials_and_their_sum_agree_and_the_rest_is_zero(int n) {
    for (int padding : List.of(0, 1, 17)) {
      MemorySegment a = Memory.random(n + padding, 12);
      MemorySegment b = Memory.copy(a);
      float sum = SCALAR.exponentials(a, 0, n, n + padding);
      assertThat(SIMD.exponentials(b, 0, n, n + padding))
          .isCloseTo(sum, Offset.offset(sum * 1e-6f));
      assertThat(Memory.array(b, n + padding))
          .containsExactly(Memory.array(a, n + padding), Offset.offset(3e-7f));
    }
  }

  @ParameterizedTest
  @MethodSource("hadamards")
  void hadamard_transforms_agree(int n, int block) {
    both(n, (k, x) -> k.hadamard(x, 0, n, block), 2e-6f);
  }

  @ParameterizedTest
  @MethodSource("hadamards")
  void a_hadamard_transform_twice_changes_nothing(int n, int block) {
    MemorySegment x = Memory.random(n, 13);
    MemorySegment y = Memory.copy(x);
    SIMD.hadamard(y, 0, n, block);
    SIMD.hadamard(y, 0, n, block);
    assertThat(Memory.array(y, n)).containsExactly(Memory.array(x, n), Offset.offset(2e-6f));
  }

  private static void both(int n, BiConsumer<RowKernel, MemorySegment> step, float within) {
    MemorySegment a = Memory.random(n, n);
    MemorySegment b = Memory.copy(a);
    step.accept(SCALAR, a);
    step.accept(SIMD, b);
    assertThat(Memory.array(b, n)).containsExactly(Memory.array(a, n), Offset.offset(within));
  }
}
