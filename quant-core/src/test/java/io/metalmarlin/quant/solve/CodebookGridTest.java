package io.metalmarlin.quant.solve;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.codebook.CodebookScheme;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The vector kernel of codebooks against the scalar one, midpoints and both zeros included.
class CodebookGridTest {
  private static final int N = 4096;

  private final float[] values = new float[N];
  private final float[] scales = new float[N];
  private final float[] zeros = new float[N];

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void theVectorKernelGivesTheBitsOfTheScalarOne(int bits) {
    CodebookScheme book = fill(bits);
    float[] q = new float[N];
    float[] expected = new float[N];
    int[] codes = new int[N];
    int[] expectedCodes = new int[N];
    GridKernels.of(book).round(values, 0, scales, zeros, 0, N, q, codes);
    new ScalarGrid(book).round(values, 0, scales, zeros, 0, N, expected, expectedCodes);
    assertThat(codes).isEqualTo(expectedCodes);
    assertThat(q).isEqualTo(expected);
    float[] loss = new float[N / 16];
    float[] expectedLoss = new float[N / 16];
    GridKernels.of(book).loss(values, 16, N / 16, scales, zeros, loss);
    new ScalarGrid(book).loss(values, 16, N / 16, scales, zeros, expectedLoss);
    assertThat(loss).isEqualTo(expectedLoss);
  }

  private CodebookScheme fill(int bits) {
    CodebookScheme book = new CodebookScheme(bits, 32, ScaleType.F16);
    SplittableRandom random = new SplittableRandom(41);
    for (int i = 0; i < N; i++) {
      scales[i] = i % 3 == 0 ? 1 : (float) Math.exp(3 * random.nextGaussian());
      float midpoint = book.midpoint(1 + random.nextInt((1 << bits - 1) - 1));
      values[i] =
          switch (i % 8) {
            case 0 -> midpoint;
            case 1 -> -midpoint;
            case 2 -> i % 16 == 2 ? -0f : 0f;
            default -> (float) (scales[i] * 1.5 * random.nextGaussian());
          };
    }
    scales[17] = Float.MAX_VALUE;
    return book;
  }
}
