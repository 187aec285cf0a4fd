package io.metalmarlin.formats.scheme.nvfp4;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import java.lang.foreign.MemorySegment;
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
    java.util.Arrays.fill(codes, 8, 16, (byte) 0x80);
    codes[16] = 0x02;
    assertThat(ZeroScales.of(matrix())).contains(new ZeroScales(2, 4, 1, 0, 1));
  }
}
