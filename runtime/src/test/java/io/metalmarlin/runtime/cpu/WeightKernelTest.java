package io.metalmarlin.runtime.cpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.StoredMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every stored form of weights, read by the scalar and by the fast kernel, at widths that hit
/// every tail.
class WeightKernelTest {
  private static final int ROWS = 5;
  private static final int[] COLS = {
    1, 2, 7, 15, 16, 17, 31, 32, 33, 64, 100, 128, 144, 255, 256, 257, 272, 511, 512, 768, 1000
  };

  static Stream<StoredMatrix> matrices() {
    return Stream.of(
            plain(),
            PackedMatrices.all(ROWS, COLS),
            BlockMatrices.all(ROWS, COLS),
            SparseMatrices.all(ROWS, COLS))
        .flatMap(s -> s);
  }

  private static Stream<StoredMatrix> plain() {
    return java.util.Arrays.stream(COLS)
        .boxed()
        .flatMap(c ->
            Stream.of(
                dense(DType.BF16, c),
                dense(DType.F16, c),
                dense(DType.F32, c),
                nvfp4(c, new TensorScale(TensorScale.Kind.DIVISOR, 812f)),
                nvfp4(c, new TensorScale(TensorScale.Kind.MULTIPLIER, 0.0013f))));
  }

  @ParameterizedTest
  @MethodSource("matrices")
  void decoded_rows_are_bit_equal(StoredMatrix m) {
    int n = (ROWS - 1) * m.cols();
    MemorySegment a = Memory.floats(n);
    MemorySegment b = Memory.floats(n);
    scalar(m).decode(m, 1, ROWS, a);
    simd(m).decode(m, 1, ROWS, b);
    assertThat(b.mismatch(a)).isEqualTo(-1);
  }

  @ParameterizedTest
  @MethodSource("matrices")
  void dot_products_agree(StoredMatrix m) {
    MemorySegment x = Memory.random(m.cols() + 3, 3);
    assertThat(product(simd(m), m, x))
        .containsExactly(product(scalar(m), m, x), Offset.offset(1e-4f));
  }

  @ParameterizedTest
  @MethodSource("matrices")
  void a_row_does_not_depend_on_the_range_it_is_computed_in(StoredMatrix m) {
    MemorySegment x = Memory.random(m.cols() + 3, 3);
    MemorySegment prepared = Memory.floats(m.cols());
    MemorySegment one = Memory.floats(ROWS);
    simd(m).prepare(m, x, 12, prepared);
    for (int r = 0; r < ROWS; r++) {
      simd(m).multiply(m, r, r + 1, prepared, one, 0);
    }
    assertThat(Memory.array(one, ROWS)).isEqualTo(product(simd(m), m, x));
  }

  @Test
  void all_half_precision_numbers_decode_bit_equal() {
    MemorySegment all = Arena.ofAuto().allocate(2 << 16);
    for (int i = 0; i < 1 << 16; i++) {
      boolean nan = (i & 0x7c00) == 0x7c00 && (i & 0x3ff) != 0;
      all.setAtIndex(JAVA_SHORT, i, (short) (nan ? 0x7e00 : i));
    }
    StoredMatrix m = new StoredMatrix.Dense(DType.F16, 1, 1 << 16, all);
    MemorySegment a = Memory.floats(1 << 16);
    MemorySegment b = Memory.floats(1 << 16);
    scalar(m).decode(m, 0, 1, a);
    simd(m).decode(m, 0, 1, b);
    assertThat(b.mismatch(a)).isEqualTo(-1);
  }

  @Test
  void every_scale_code_takes_part_in_dot_products() {
    int cols = 256 * 16;
    QuantizedMatrix m =
        (QuantizedMatrix) ((StoredMatrix.Packed) nvfp4(cols, TensorScale.NONE)).matrix();
    for (int g = 0; g < 256; g++) {
      int code = (g & 0x7f) == 0x7f ? 0 : g;
      for (int r = 0; r < ROWS; r++) {
        m.scales().set(JAVA_BYTE, (long) r * 256 + g, (byte) code);
      }
    }
    StoredMatrix stored = new StoredMatrix.Packed(m, Optional.empty());
    MemorySegment x = Memory.random(cols + 3, 4);
    float[] expected = product(scalar(stored), stored, x);
    float[] actual = product(simd(stored), stored, x);
    for (int r = 0; r < ROWS; r++) {
      assertThat(actual[r]).isCloseTo(expected[r], Offset.offset(0.05f));
    }
  }

  private static float[] product(WeightKernel k, StoredMatrix m, MemorySegment x) {
    MemorySegment prepared = Memory.floats(m.cols());
    MemorySegment out = Memory.floats(ROWS + 2);
    k.prepare(m, x, 12, prepared);
    k.multiply(m, 0, ROWS, prepared, out, 0);
    return Memory.array(out, ROWS);
  }

  private static WeightKernel scalar(StoredMatrix m) {
    return CpuKernels.SCALAR.weightsFor(m);
  }

  private static WeightKernel simd(StoredMatrix m) {
    return CpuKernels.SIMD.weightsFor(m);
  }

  static StoredMatrix dense(DType type, int cols) {
    MemorySegment f = Memory.random(ROWS * cols, cols);
    if (type == DType.F32) {
      return new StoredMatrix.Dense(type, ROWS, cols, f.asSlice(0, 4L * ROWS * cols));
    }
    MemorySegment s = Arena.ofAuto().allocate(2L * ROWS * cols, 64);
    for (int i = 0; i < ROWS * cols; i++) {
      float v = f.getAtIndex(java.lang.foreign.ValueLayout.JAVA_FLOAT, i);
      s.setAtIndex(
          JAVA_SHORT,
          i,
          type == DType.F16
              ? Float.floatToFloat16(v)
              : (short) (Float.floatToRawIntBits(v) >>> 16));
    }
    return new StoredMatrix.Dense(type, ROWS, cols, s);
  }

  static StoredMatrix nvfp4(int cols, TensorScale tensorScale) {
    SplittableRandom r = new SplittableRandom(cols);
    MemorySegment codes = Arena.ofAuto().allocate((long) ROWS * Math.ceilDiv(cols, 2), 64);
    MemorySegment scales = Arena.ofAuto().allocate((long) ROWS * Math.ceilDiv(cols, 16), 64);
    for (long i = 0; i < codes.byteSize(); i++) {
      codes.set(JAVA_BYTE, i, (byte) r.nextInt(256));
    }
    for (long i = 0; i < scales.byteSize(); i++) {
      scales.set(JAVA_BYTE, i, (byte) (0x20 + r.nextInt(0x50)));
    }
    QuantizedMatrix m =
        new QuantizedMatrix(new Nvfp4Grid(), ROWS, cols, codes, scales, tensorScale);
    return new StoredMatrix.Packed(m, Optional.empty());
  }
}
