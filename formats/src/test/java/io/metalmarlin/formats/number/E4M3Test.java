package io.metalmarlin.formats.number;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class E4M3Test {
  /// Brute force over the 127 finite magnitudes in double; halves to the even code, no overflow.
  private static int naive(float x) {
    double a = Math.min(448, Math.abs((double) x));
    int best = 0;
    for (int c = 1; c < 127; c++) {
      double d = Math.abs(magnitude(c) - a);
      double bestD = Math.abs(magnitude(best) - a);
      if (d < bestD || d == bestD && c % 2 == 0) {
        best = c;
      }
    }
    return best | (1 / x < 0 || x < 0 ? 128 : 0);
  }

  private static double magnitude(int code) {
    int e = code >> 3;
    int m = code & 7;
    return e == 0 ? m * Math.pow(2, -9) : (8 + m) * Math.pow(2, e - 10);
  }

  @Test
  void every_code_decodes_to_its_definition_and_rounds_to_itself() {
    for (int c = 0; c < 256; c++) {
      if ((c & 127) == 127) {
        assertThat(E4M3.value(c)).isNaN();
        assertThat(E4M3.isNaN(c)).isTrue();
      } else {
        assertThat(E4M3.value(c)).isEqualTo((float) (c < 128 ? magnitude(c) : -magnitude(c - 128)));
        assertThat(E4M3.nearest(E4M3.value(c))).isEqualTo(c);
        assertThat(E4M3.isNaN(c)).isFalse();
      }
    }
  }

  @Test
  void every_boundary_and_its_neighbours_follow_the_naive_definition() {
    for (int c = 0; c < 126; c++) {
      float middle = (float) ((magnitude(c) + magnitude(c + 1)) / 2);
      for (float x : new float[] {middle, Math.nextUp(middle), Math.nextDown(middle)}) {
        assertThat(E4M3.nearest(x)).as("%s", x).isEqualTo(naive(x));
        assertThat(E4M3.nearest(-x)).as("%s", -x).isEqualTo(naive(-x));
      }
    }
  }

  @Test
  void a_fine_sweep_over_all_exponents_follows_the_naive_definition() {
    for (int bits = 0; bits < 0x4400_0000; bits += 9973) {
      float x = Float.intBitsToFloat(bits);
      assertThat(E4M3.nearest(x)).as("%s", x).isEqualTo(naive(x));
    }
  }

  @Test
  void overflow_saturates_and_nan_keeps_its_sign() {
    assertThat(E4M3.nearest(464f)).isEqualTo(0x7e);
    assertThat(E4M3.nearest(1e30f)).isEqualTo(0x7e);
    assertThat(E4M3.nearest(Float.NEGATIVE_INFINITY)).isEqualTo(0xfe);
    assertThat(E4M3.nearest(Float.NaN)).isEqualTo(0x7f);
    assertThat(E4M3.nearest(Float.intBitsToFloat(0xffc00000))).isEqualTo(0xff);
  }

  @Test
  void half_of_the_smallest_step_ties_to_zero() {
    assertThat(E4M3.nearest(0x1p-10f)).isZero();
    assertThat(E4M3.nearest(Math.nextUp(0x1p-10f))).isEqualTo(1);
    assertThat(E4M3.nearest(-0f)).isEqualTo(0x80);
  }
}
