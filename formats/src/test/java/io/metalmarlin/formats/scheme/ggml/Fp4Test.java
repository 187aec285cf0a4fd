package io.metalmarlin.formats.scheme.ggml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/// E2M1 codes are those of the plain search over all sixteen, scale bytes those of ggml's rounding.
class Fp4Test {
  @Test
  void the_code_is_the_first_of_least_fp32_difference() {
    Random random = new Random(3);
    for (int i = 0; i < 500_000; i++) {
      float half = i % 7 == 0 ? 0x1p-128f : Fp4.halfScale(random.nextInt(256));
      float spread = i % 5 == 0 ? 1e12f : 8;
      float x = half * (float) random.nextGaussian() * spread;
      assertThat(Fp4.nearest(x, half)).as("x %s half %s", x, half).isEqualTo(search(x, half));
    }
    for (float half : new float[] {0.5f, 3, 0x1p-128f, 0x1p124f}) {
      for (int k = -24; k <= 24; k++) {
        float bound = k * 0.5f * half;
        for (float x : new float[] {bound, Math.nextUp(bound), Math.nextDown(bound)}) {
          assertThat(Fp4.nearest(x, half)).as("x %s half %s", x, half).isEqualTo(search(x, half));
        }
      }
    }
  }

  @Test
  void scale_bytes_round_halves_up_except_at_the_two_ends() {
    assertThat(Fp4.scaleCode(0)).isZero();
    assertThat(Fp4.scaleCode(Float.NaN)).isZero();
    assertThat(Fp4.scaleCode(0x1p-10f)).isEqualTo(1);
    assertThat(Fp4.scaleCode(Math.nextDown(0x1p-6f))).as("never carries").isEqualTo(7);
    assertThat(Fp4.scaleCode(0x1p-6f)).isEqualTo(8);
    assertThat(Fp4.scaleCode(1.0625f)).as("a half, to even would be 0x38").isEqualTo(0x39);
    assertThat(Fp4.scaleCode(Math.nextDown(248f))).isEqualTo(0x77);
    assertThat(Fp4.scaleCode(248)).isEqualTo(0x7e);
    assertThat(Fp4.scaleCode(Float.POSITIVE_INFINITY)).isEqualTo(0x7e);
  }

  @Test
  void scale_values_ignore_the_sign_bit_and_read_one_nan_as_zero() {
    assertThat(Fp4.halfScale(0x38)).isEqualTo(0.5f);
    assertThat(Fp4.halfScale(0xb8)).isEqualTo(0.5f);
    assertThat(Fp4.halfScale(1)).isEqualTo(0x1p-10f);
    assertThat(Fp4.halfScale(0x7e)).isEqualTo(224);
    assertThat(Fp4.halfScale(0x7f)).isZero();
    assertThat(Fp4.halfScale(0xff)).isEqualTo(240);
  }

  private static int search(float x, float half) {
    int best = 0;
    for (int code = 1; code < 16; code++) {
      if (Math.abs(Fp4.TWICE[code] * half - x) < Math.abs(Fp4.TWICE[best] * half - x)) {
        best = code;
      }
    }
    return best;
  }
}
