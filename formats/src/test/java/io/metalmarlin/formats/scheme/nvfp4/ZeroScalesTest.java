package io.metalmarlin.formats.scheme.nvfp4;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ZeroScalesTest {
  private final byte[] codes = new byte[2 * 32 / 2];
  private final byte[] scales = {0x38, 0x38, 0x38, 0x38};

  private QuantizedMatrix matrix() {
    return new QuantizedMatrix(
        Nvfp4Scheme.SINGLE_LEVEL,
        2,
        32,
        MemorySegment.ofArray(codes),
        MemorySegment.ofArray(scales),
        TensorScale.NONE);
  }

  @Test
  void scales_that_are_not_zero_are_nothing_to_tell() {
    assertThat(ZeroScales.of(matrix())).isEmpty();
  }

  @Test
  void counts_them_says_where_the_first_is_and_which_lost_weights_for_sure() {
    scales[1] = 0;
    scales[2] = (byte) 0x80;
    // Both zeros of E2M1 in the first, a one in the second.
    Arrays.fill(codes, 8, 16, (byte) 0x80);
    codes[16] = 0x02;
    assertThat(ZeroScales.of(matrix())).contains(new ZeroScales(2, 4, 1, 0, 1));
  }

  /// Every place in a run of eight and behind it, either zero.
  @Test
  void finds_one_of_many_wherever_it_lies() {
    byte[] many = new byte[37];
    for (byte zero : new byte[] {0, (byte) 0x80}) {
      for (int at = 0; at < many.length; at++) {
        Arrays.fill(many, (byte) 0x81);
        many[at] = zero;
        assertThat(ZeroScales.of(row(many))).contains(new ZeroScales(1, many.length, 0, 0, at));
      }
    }
  }

  @Test
  void finds_all_of_many() {
    assertThat(ZeroScales.of(row(new byte[37]))).contains(new ZeroScales(37, 37, 0, 0, 0));
  }

  private static QuantizedMatrix row(byte[] scales) {
    return new QuantizedMatrix(
        Nvfp4Scheme.SINGLE_LEVEL,
        1,
        16 * scales.length,
        MemorySegment.ofArray(new byte[8 * scales.length]),
        MemorySegment.ofArray(scales),
        TensorScale.NONE);
  }
}
