package io.metalmarlin.quant.solve;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.ScaleType;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The vector kernel of integer grids against the scalar one, ties, ends and both signs of scales
/// included.
class IntGridTest {
  private static final int N = 4096;

  private final float[] values = new float[N];
  private final float[] scales = new float[N];

  {
    SplittableRandom random = new SplittableRandom(41);
    for (int i = 0; i < N; i++) {
      float size = (float) Math.exp(3 * random.nextGaussian());
      scales[i] = random.nextBoolean() ? size : -size;
      values[i] =
          switch (i % 4) {
            case 0 -> scales[i] * (random.nextInt(600) - 300) / 2f;
            case 1 -> scales[i] * 1e30f;
            default -> (float) (scales[i] * 20 * random.nextGaussian());
          };
    }
    scales[17] = Float.MAX_VALUE;
  }

  static Stream<IntScheme> schemes() {
    return IntStream.rangeClosed(2, 8)
        .boxed()
        .flatMap(
            bits -> Stream.of(Zero.values()).map(z -> new IntScheme(bits, 32, ScaleType.F16, z)));
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void theVectorKernelGivesTheBitsOfTheScalarOne(IntScheme scheme) {
    float[] zeros = zeros(scheme);
    float[] q = new float[N];
    float[] expected = new float[N];
    int[] codes = new int[N];
    int[] expectedCodes = new int[N];
    GridKernels.of(scheme).round(values, 0, scales, zeros, 0, N, q, codes);
    new ScalarGrid(scheme).round(values, 0, scales, zeros, 0, N, expected, expectedCodes);
    assertThat(codes).isEqualTo(expectedCodes);
    for (int i = 0; i < N; i++) {
      assertThat(q[i] == expected[i]).as("%s / %s", values[i], scales[i]).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void theVectorKernelFindsTheScalarLosses(IntScheme scheme) {
    float[] zeros = zeros(scheme);
    float[] loss = new float[N / 16];
    float[] expected = new float[N / 16];
    GridKernels.of(scheme).loss(values, 16, N / 16, scales, zeros, loss);
    new ScalarGrid(scheme).loss(values, 16, N / 16, scales, zeros, expected);
    assertThat(loss).isEqualTo(expected);
  }

  private float[] zeros(IntScheme scheme) {
    SplittableRandom random = new SplittableRandom(43);
    float[] zeros = new float[N];
    for (int i = 0; i < N; i++) {
      zeros[i] =
          switch (scheme.zero()) {
            case NONE -> 0;
            case POINT -> random.nextInt(1 << scheme.bits());
            case BIAS -> (float) (scales[i] * 5 * random.nextGaussian());
          };
    }
    return zeros;
  }
}
