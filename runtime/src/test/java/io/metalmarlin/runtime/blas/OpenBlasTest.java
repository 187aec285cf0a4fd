package io.metalmarlin.runtime.blas;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.runtime.blas.OpenBlas.Side;
import io.metalmarlin.runtime.blas.OpenBlas.Triangle;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Every binding against the naive definition, in double precision.
class OpenBlasTest {
  private static final int N = 67;

  private final Arena arena = Arena.ofAuto();
  private final SplittableRandom random = new SplittableRandom(11);

  @Test
  void isTheVersionWhoseCholeskyIsRight() {
    assertThat(OpenBlas.config()).startsWith("OpenBLAS 0.3.31");
    assertThat(OpenBlas.coreName()).isNotBlank();
  }

  @ParameterizedTest
  @CsvSource({"false,false", "false,true", "true,false", "true,true"})
  void gemmMultipliesRowMajorMatrices(boolean ta, boolean tb) {
    int m = 5, n = 7, k = 9;
    double[][] a = random(ta ? k : m, ta ? m : k), b = random(tb ? n : k, tb ? k : n);
    MemorySegment c = doubles(random(m, n), n + 3);
    MemorySegment cf = floats(random(m, n), n + 3);
    OpenBlas.dgemm(
        ta,
        tb,
        m,
        n,
        k,
        2,
        doubles(a, a[0].length),
        a[0].length,
        doubles(b, b[0].length + 1),
        b[0].length + 1,
        0,
        c,
        n + 3);
    OpenBlas.sgemm(
        ta,
        tb,
        m,
        n,
        k,
        2,
        floats(a, a[0].length),
        a[0].length,
        floats(b, b[0].length + 1),
        b[0].length + 1,
        0,
        cf,
        n + 3);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int l = 0; l < k; l++) {
          sum += 2 * (ta ? a[l][i] : a[i][l]) * (tb ? b[j][l] : b[l][j]);
        }
        assertThat(c.getAtIndex(JAVA_DOUBLE, i * (n + 3) + j)).isCloseTo(sum, within(1e-12));
        assertThat(cf.getAtIndex(JAVA_FLOAT, i * (n + 3) + j))
            .isCloseTo((float) sum, within(1e-5f));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Triangle.class)
  void syrkFillsOneTriangle(Triangle triangle) {
    double[][] x = random(20, N);
    MemorySegment c = doubles(new double[N][N], N), cf = floats(new double[N][N], N);
    OpenBlas.dsyrk(triangle, true, N, 20, 1, doubles(x, N), N, 0, c, N);
    OpenBlas.ssyrk(triangle, true, N, 20, 1, floats(x, N), N, 0, cf, N);
    for (int i = 0; i < N; i++) {
      for (int j = 0; j < N; j++) {
        double sum = 0;
        for (int t = 0; inside(triangle, i, j) && t < 20; t++) {
          sum += x[t][i] * x[t][j];
        }
        assertThat(c.getAtIndex(JAVA_DOUBLE, i * N + j)).isCloseTo(sum, within(1e-12));
        assertThat(cf.getAtIndex(JAVA_FLOAT, i * N + j)).isCloseTo((float) sum, within(1e-5f));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Triangle.class)
  void potrfFactorsTheNamedTriangle(Triangle triangle) {
    double[][] a = positive();
    MemorySegment f = doubles(a, N);
    MemorySegment ff = floats(a, N);
    assertThat(OpenBlas.dpotrf(triangle, N, f, N)).isZero();
    assertThat(OpenBlas.spotrf(triangle, N, ff, N)).isZero();
    double[][] r = triangle(f, triangle);
    for (int i = 0; i < N; i++) {
      for (int j = 0; j < N; j++) {
        double sum = 0;
        for (int k = 0; k < N; k++) {
          sum += triangle == Triangle.LOWER ? r[i][k] * r[j][k] : r[k][i] * r[k][j];
        }
        assertThat(sum).isCloseTo(a[i][j], within(1e-10));
        if (inside(triangle, i, j)) {
          assertThat((double) ff.getAtIndex(JAVA_FLOAT, i * N + j))
              .isCloseTo(r[i][j], within(1e-4));
        }
      }
    }
  }

  @Test
  void potrfNamesTheFirstBadPivot() {
    double[][] a = positive();
    a[40][40] = -1;
    assertThat(OpenBlas.dpotrf(Triangle.LOWER, N, doubles(a, N), N)).isEqualTo(41);
    assertThat(OpenBlas.spotrf(Triangle.UPPER, N, floats(a, N), N)).isEqualTo(41);
  }

  @Test
  void trsmSolvesOnBothSides() {
    double[][] a = positive(), b = random(N, 3), c = random(3, N);
    for (boolean trans : new boolean[] {false, true}) {
      MemorySegment x = doubles(b, 3), xf = floats(b, 3);
      OpenBlas.dtrsm(Side.LEFT, Triangle.UPPER, trans, N, 3, doubles(a, N), N, x, 3);
      OpenBlas.strsm(Side.LEFT, Triangle.UPPER, trans, N, 3, floats(a, N), N, xf, 3);
      MemorySegment y = doubles(c, N);
      OpenBlas.dtrsm(Side.RIGHT, Triangle.LOWER, trans, 3, N, doubles(a, N), N, y, N);
      for (int i = 0; i < N; i++) {
        double left = 0, right = 0;
        for (int k = 0; k < N; k++) {
          int row = trans ? k : i, col = trans ? i : k;
          left +=
              (inside(Triangle.UPPER, row, col) ? a[row][col] : 0)
                  * x.getAtIndex(JAVA_DOUBLE, k * 3);
          int row2 = trans ? i : k, col2 = trans ? k : i;
          right +=
              (inside(Triangle.LOWER, row2, col2) ? a[row2][col2] : 0)
                  * y.getAtIndex(JAVA_DOUBLE, k);
        }
        assertThat(left).isCloseTo(b[i][0], within(1e-9));
        assertThat(right).isCloseTo(c[0][i], within(1e-9));
        assertThat((double) xf.getAtIndex(JAVA_FLOAT, i * 3))
            .isCloseTo(x.getAtIndex(JAVA_DOUBLE, i * 3), within(1e-3));
      }
    }
  }

  @Test
  void aSegmentThatIsTooShortIsRefusedBeforeTheCall() {
    MemorySegment a = arena.allocate(JAVA_FLOAT, 11), b = arena.allocate(JAVA_FLOAT, 12);
    assertThatThrownBy(() -> OpenBlas.sgemm(false, false, 3, 3, 4, 1, a, 4, b, 3, 0, b, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A 3x4 with leading dimension 4 needs 48 bytes of native memory, got 44");
  }

  private static boolean inside(Triangle triangle, int i, int j) {
    return triangle == Triangle.UPPER ? j >= i : j <= i;
  }

  private double[][] positive() {
    double[][] x = random(2 * N, N), a = new double[N][N];
    for (int i = 0; i < N; i++) {
      for (int j = 0; j < N; j++) {
        for (double[] row : x) {
          a[i][j] += row[i] * row[j];
        }
        a[i][j] += i == j ? 1 : 0;
      }
    }
    return a;
  }

  private double[][] random(int rows, int cols) {
    double[][] m = new double[rows][cols];
    for (double[] row : m) {
      for (int j = 0; j < cols; j++) {
        row[j] = (float) (random.nextDouble() - .5);
      }
    }
    return m;
  }

  private static double[][] triangle(MemorySegment s, Triangle triangle) {
    double[][] m = new double[N][N];
    for (int i = 0; i < N; i++) {
      for (int j = 0; j < N; j++) {
        m[i][j] = inside(triangle, i, j) ? s.getAtIndex(JAVA_DOUBLE, i * N + j) : 0;
      }
    }
    return m;
  }

  private MemorySegment doubles(double[][] m, int ld) {
    MemorySegment s = arena.allocate(JAVA_DOUBLE, (long) m.length * ld);
    for (int i = 0; i < m.length; i++) {
      for (int j = 0; j < m[i].length; j++) {
        s.setAtIndex(JAVA_DOUBLE, (long) i * ld + j, m[i][j]);
      }
    }
    return s;
  }

  private MemorySegment floats(double[][] m, int ld) {
    MemorySegment s = arena.allocate(JAVA_FLOAT, (long) m.length * ld);
    for (int i = 0; i < m.length; i++) {
      for (int j = 0; j < m[i].length; j++) {
        s.setAtIndex(JAVA_FLOAT, (long) i * ld + j, (float) m[i][j]);
      }
    }
    return s;
  }
}
