package io.metalmarlin.runtime.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.runtime.cache.CacheFormat;
import io.metalmarlin.runtime.cache.CacheFormats;
import io.metalmarlin.runtime.cache.CacheRows;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The vector kernel gives the scalar kernel's values bit for bit, whatever fills a vector or not.
class CacheKernelTest {
  private static final int[] WIDTHS = {1, 6, 15, 16, 20, 31, 32, 48, 64, 80, 96, 100, 128, 200};

  static Stream<CacheFormat> formats() {
    return CacheFormats.ALL.stream();
  }

  @ParameterizedTest
  @MethodSource("formats")
  void rows_are_those_of_the_scalar_kernel(CacheFormat format) {
    for (int width : WIDTHS) {
      int count = 5;
      MemorySegment rows = Arena.ofAuto().allocate(9L + (long) count * format.bytes(width));
      for (int r = 0; r < count; r++) {
        float[] x = Memory.array(Memory.random(width, 7L * width + r), width);
        CacheRows.encode(format, x, width, rows, 9 + (long) r * format.bytes(width));
      }
      MemorySegment expected = Memory.floats(count * width);
      MemorySegment actual = Memory.floats(count * width);
      CpuKernels.SCALAR.cache().decode(format, rows, 9, count, width, expected);
      CpuKernels.SIMD.cache().decode(format, rows, 9, count, width, actual);
      assertThat(Memory.array(actual, count * width))
          .as("%s, width %d", format.name(), width)
          .isEqualTo(Memory.array(expected, count * width));
    }
  }
}
