package io.metalmarlin.formats.scheme.ggml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The vector kernels give the bits of the scalar ones, on weights of every kind and for numbers of
/// groups that do not fill a vector.
class VectorKernelsTest {
  private static final int GROUPS = 53;

  private final EncodeKernels scalar = new ScalarKernels();
  private final Random random = new Random(11);

  @BeforeEach
  void needs_wide_vectors() {
    Assumptions.assumeTrue(VectorSupport.usable(), "vectors of 8 or 16 numbers");
  }

  static Stream<Arguments> affineFits() {
    return Stream.of(3, 15, 31)
        .flatMap(levels ->
            Stream.of(16, 32)
                .flatMap(size ->
                    Stream.of(
                        Arguments.of(AffineFit.weighted(levels, size)),
                        Arguments.of(new AffineFit(levels, size, -1, 0.1f, 20, false)),
                        Arguments.of(new AffineFit(levels, size, -0.5f, 0.1f, 15, true)))));
  }

  static Stream<Arguments> symmetricFits() {
    return Stream.of(4, 8, 16, 32)
        .flatMap(h -> Stream.of(16, 32).map(n -> Arguments.of(new SymmetricFit(h, n))));
  }

  @ParameterizedTest
  @MethodSource("affineFits")
  void affine_fits_are_the_same(AffineFit fit) {
    float[] x = weights(fit.size());
    float[] w = positive(x.length);
    Lines expected = new Lines(GROUPS);
    Lines actual = new Lines(GROUPS);
    scalar.affine(fit, x, 0, GROUPS, w, expected);
    new VectorKernels().affine(fit, x, 0, GROUPS, w, actual);
    assertSame(actual, expected);
  }

  @ParameterizedTest
  @MethodSource("symmetricFits")
  void symmetric_fits_are_the_same(SymmetricFit fit) {
    float[] x = weights(fit.size());
    float[] w = positive(x.length);
    Lines expected = new Lines(GROUPS);
    Lines actual = new Lines(GROUPS);
    scalar.symmetric(fit, x, 0, GROUPS, w, expected);
    new VectorKernels().symmetric(fit, x, 0, GROUPS, w, actual);
    assertSame(actual, expected);
  }

  @Test
  void non_linear_fits_are_the_same() {
    float[] x = weights(32);
    float[] w = positive(x.length);
    float[] expected = new float[GROUPS];
    float[] actual = new float[GROUPS];
    scalar.nonLinear(x, 0, GROUPS, w, expected);
    new VectorKernels().nonLinear(x, 0, GROUPS, w, actual);
    assertThat(bits(actual)).isEqualTo(bits(expected));
  }

  @Test
  void levels_are_the_same_beside_every_boundary() {
    float[] x = new float[32 * 16];
    for (int i = 0; i < x.length; i++) {
      float middle = i / 32 == 15 ? 200 : NonLinearFit.LEVELS[i / 32] + (i % 32) / 2f;
      x[i] = i % 3 == 0 ? middle : i % 3 == 1 ? Math.nextUp(middle) : Math.nextDown(middle);
    }
    x[500] = Float.NaN;
    for (int o = 0; o < x.length; o += 32) {
      byte[] expected = new byte[32];
      byte[] actual = new byte[32];
      scalar.nonLinearCodes(x, o, 1, expected, 0);
      new VectorKernels().nonLinearCodes(x, o, 1, actual, 0);
      assertThat(actual).isEqualTo(expected);
    }
  }

  @Test
  void codes_are_the_same_for_any_scale() {
    float[] x = weights(32);
    for (int o = 0; o + 32 <= x.length; o += 32) {
      float scale = (float) random.nextGaussian() * (o % 3 == 0 ? 1e-12f : 0.1f);
      float min = Math.abs((float) random.nextGaussian());
      byte[] expected = new byte[64];
      byte[] actual = new byte[64];
      scalar.affineCodes(x, o, 32, scale, min, 15, expected, 0);
      scalar.symmetricCodes(x, o, 32, scale, 32, expected, 32);
      new VectorKernels().affineCodes(x, o, 32, scale, min, 15, actual, 0);
      new VectorKernels().symmetricCodes(x, o, 32, scale, 32, actual, 32);
      assertThat(actual).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5})
  void small_blocks_are_the_same(int bits) {
    float[] x = weights(32);
    x[32 * 7 + 3] = Float.POSITIVE_INFINITY;
    x[32 * 9 + 30] = Float.NaN;
    Arrays.fill(x, 32 * 10, 32 * 11, 0f);
    x[32 * 10 + 5] = -0f;
    byte[] expected = new byte[2 * GROUPS * 24];
    byte[] actual = new byte[2 * GROUPS * 24];
    scalar.symmetricBlocks(bits, x, 0, GROUPS, expected, 0);
    scalar.affineBlocks(bits, x, 0, GROUPS, expected, GROUPS * 24);
    new VectorKernels().symmetricBlocks(bits, x, 0, GROUPS, actual, 0);
    new VectorKernels().affineBlocks(bits, x, 0, GROUPS, actual, GROUPS * 24);
    assertThat(actual).isEqualTo(expected);
  }

  @Test
  void codes_of_e2m1_are_the_same_beside_every_boundary_and_far_out() {
    float[] x = weights(16);
    for (int i = 0; i < 96; i++) {
      float bound = i / 6 * 0.5f * (i % 2 == 0 ? 1 : -1);
      x[i] = i % 3 == 0 ? bound : i % 3 == 1 ? Math.nextUp(bound) : Math.nextDown(bound);
    }
    x[100] = Float.NaN;
    x[120] = Float.NEGATIVE_INFINITY;
    for (float half : new float[] {0.5f, 1, 0x1p-128f, 0, 240}) {
      for (int o = 0; o + 16 <= x.length; o += 16) {
        byte[] expected = new byte[16];
        byte[] actual = new byte[16];
        scalar.fp4Codes(x, o, half, expected, 0);
        new VectorKernels().fp4Codes(x, o, half, actual, 0);
        assertThat(actual).isEqualTo(expected);
        assertThat(new VectorKernels().magnitude(x, o, 16)).isEqualTo(scalar.magnitude(x, o, 16));
      }
    }
  }

  /// Groups of normal deviates, bf16 values, one sign, equal values, zeros, tiny, huge and
  /// subnormal values, nearly equal ones, outliers, and ties of magnitude.
  private float[] weights(int size) {
    float[] x = new float[GROUPS * size];
    for (int i = 0; i < x.length; i++) {
      float v = (float) random.nextGaussian();
      x[i] =
          switch (i / size % 12) {
            case 0 -> v * 0.02f;
            case 1 -> Float.intBitsToFloat(Float.floatToRawIntBits(v) & 0xffff0000);
            case 2 -> Math.abs(v);
            case 3 -> -Math.abs(v) - 1;
            case 4 -> -0.75f;
            case 5 -> 0;
            case 6 -> v * 1e-30f;
            case 7 -> v * 1e30f;
            case 8 -> v * 1e-41f;
            case 9 -> 3 + v * 1e-6f;
            case 10 -> i % 31 == 0 ? 40 * v : v;
            default -> i % 3 - 1;
          };
    }
    return x;
  }

  private float[] positive(int n) {
    float[] w = new float[n];
    for (int i = 0; i < n; i++) {
      w[i] = i / 16 % 9 == 8 ? 0 : (float) Math.exp(random.nextGaussian());
    }
    return w;
  }

  private static void assertSame(Lines actual, Lines expected) {
    assertThat(bits(actual.scale())).as("scales").isEqualTo(bits(expected.scale()));
    assertThat(bits(actual.min())).as("mins").isEqualTo(bits(expected.min()));
    assertThat(bits(actual.step())).as("steps").isEqualTo(bits(expected.step()));
    assertThat(bits(actual.origin())).as("origins").isEqualTo(bits(expected.origin()));
  }

  /// All NaN are one: their bits are the machine's choice.
  private static int[] bits(float[] x) {
    int[] bits = new int[x.length];
    Arrays.setAll(bits, i -> Float.floatToIntBits(x[i]));
    return bits;
  }
}
