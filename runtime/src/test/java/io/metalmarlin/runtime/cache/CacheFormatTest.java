package io.metalmarlin.runtime.cache;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Every format of the registry: what a row keeps of its values.
class CacheFormatTest {
  private static final int[] WIDTHS = {1, 2, 7, 16, 20, 32, 33, 48, 64, 80, 96, 128, 200, 256};
  private static final float[] SIZES = {1, 1e-3f, 3e-6f, 100};

  static Stream<CacheFormat> formats() {
    return CacheFormats.ALL.stream();
  }

  @ParameterizedTest
  @MethodSource("formats")
  void no_value_is_further_off_than_half_a_step_of_its_grid(CacheFormat format) {
    for (int width : WIDTHS) {
      for (float size : SIZES) {
        float[] x = row(width, size, width);
        Row row = Row.of(format, x);
        for (int i = 0; i < width; i++) {
          double half = step(format.codes(), x[i] / row.scale(i)) / 2.0 * row.scale(i);
          assertThat((double) row.value(i))
              .as("%s, value %d of %d, %s", format.name(), i, width, size)
              .isCloseTo(x[i], within(half * 1.001));
        }
      }
    }
  }

  /// The distance of the two levels around `x`, which goes a little past the last one.
  private static double step(Codes codes, float x) {
    double a = Math.abs(x);
    if (codes != Codes.FP4) {
      return 1;
    }
    return a < 2 ? .5 : a < 4 ? 1 : 2;
  }

  @ParameterizedTest
  @MethodSource("formats")
  void the_largest_value_takes_the_largest_code(CacheFormat format) {
    for (int width : WIDTHS) {
      float[] x = row(width, 1, width + 1);
      Row row = Row.of(format, x);
      int group = format.group(width);
      for (int from = 0; from < width; from += group) {
        int top =
            IntStream.range(from, Math.min(width, from + group))
                .boxed()
                .max((i, j) -> Float.compare(Math.abs(x[i]), Math.abs(x[j])))
                .orElseThrow();
        float level = Math.abs(format.codes().value(row.code(top)));
        // 4/6: where 4 of a larger scale fits the others better.
        List<Float> tops =
            group < width || format instanceof Nvfp4Cache
                ? List.of(6f, 4f)
                : List.of((float) format.codes().top());
        assertThat(level).as("%s, width %d", format.name(), width).isIn(tops);
        assertThat(Math.signum(row.value(top))).isEqualTo(Math.signum(x[top]));
      }
    }
  }

  @Test
  void four_or_six_is_never_worse_than_either() {
    Nvfp4Cache format = new Nvfp4Cache();
    for (int seed = 0; seed < 200; seed++) {
      float[] x = row(16, 1, seed);
      Row row = Row.of(format, x);
      double chosen = 0;
      for (int i = 0; i < 16; i++) {
        chosen += Math.pow(row.value(i) - x[i], 2);
      }
      float amax = 0;
      for (float v : x) {
        amax = Math.max(amax, Math.abs(v));
      }
      for (int top : new int[] {4, 6}) {
        float scale = ScaleKind.E4M3FN.value(ScaleKind.E4M3FN.bits(amax, top));
        double error = 0;
        for (float v : x) {
          float y = Codes.FP4.value(Codes.FP4.nearest(v / scale)) * scale;
          error += Math.pow(y - v, 2);
        }
        assertThat(chosen).isLessThanOrEqualTo(error * (1 + 1e-6));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "int4, 128, 66, 3.88", "int4, 64, 34, 3.76", "int4, 256, 130, 3.94",
    "fp4, 128, 66, 3.88", "fp4, 64, 34, 3.76", "fp4, 256, 130, 3.94",
    "nvfp4, 128, 72, 3.56", "int8, 128, 130, 1.97"
  })
  void rows_have_the_computed_size(String name, int width, int bytes, double ratioToHalf) {
    CacheFormat format = CacheFormats.named(name).orElseThrow();
    assertThat(format.bytes(width)).isEqualTo(bytes);
    assertThat(2.0 * width / format.bytes(width)).isCloseTo(ratioToHalf, within(.005));
  }

  @ParameterizedTest
  @MethodSource("formats")
  void zeros_stay_zeros_and_what_no_scale_reaches_is_not_hidden(CacheFormat format) {
    Row zeros = Row.of(format, new float[40]);
    assertThat(IntStream.range(0, 40).mapToObj(zeros::value)).allMatch(v -> v == 0);
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, -3e38f}) {
      float[] x = row(40, 1, 3);
      x[5] = bad;
      assertThat(Row.of(format, x).value(5)).as("%s %s", format.name(), bad).isNaN();
    }
  }

  /// Normal values with one in sixteen ten times as large.
  private static float[] row(int width, float size, long seed) {
    SplittableRandom r = new SplittableRandom(seed);
    float[] x = new float[width];
    for (int i = 0; i < width; i++) {
      x[i] = (float) (r.nextGaussian() * size * (r.nextInt(16) == 0 ? 4 : .4));
    }
    return x;
  }

  private record Row(CacheFormat format, int width, MemorySegment bytes) {
    static Row of(CacheFormat format, float[] x) {
      MemorySegment bytes = Arena.ofAuto().allocate(format.bytes(x.length) + 7L);
      CacheRows.encode(format, x, x.length, bytes, 3);
      return new Row(format, x.length, bytes);
    }

    float value(int i) {
      MemorySegment out = Arena.ofAuto().allocate(4L * width);
      CacheRows.decode(format, bytes, 3, 0, width, out, 0);
      return out.get(JAVA_FLOAT_UNALIGNED, 4L * i);
    }

    int code(int i) {
      return CacheRows.code(format.codes(), bytes, 3, width, i);
    }

    float scale(int i) {
      long at = 3L + format.codeBytes(width);
      int size = format.scales().bytes();
      return format.scales().read(bytes, at + (long) i / format.group(width) * size);
    }
  }
}
