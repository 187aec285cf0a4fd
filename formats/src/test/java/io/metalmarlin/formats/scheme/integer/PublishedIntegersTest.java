package io.metalmarlin.formats.scheme.integer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Integers of compressed-tensors that are read because they were published: values by hand.
class PublishedIntegersTest {
  private static MemorySegment floats(float... values) {
    return MemorySegment.ofArray(values);
  }

  private static float[] values(QuantizedMatrix matrix) {
    float[] out = new float[matrix.rows() * matrix.cols()];
    matrix.decode(0, matrix.rows(), out);
    return out;
  }

  @Test
  void a_shared_scale_is_that_of_every_row() {
    IntScheme scheme = new IntScheme(8, GroupScheme.WHOLE, ScaleType.F32, Zero.POINT);
    IntQuantized packing = new IntQuantized(scheme, true);
    MemorySegment codes = MemorySegment.ofArray(new byte[] {1, -128, 127, 0, 5, -5});
    QuantizedMatrix m =
        packing.decode(List.of(codes, floats(0.5f), MemorySegment.ofArray(new byte[] {-3})), 3, 2);
    assertThat(values(m)).containsExactly(2, -62.5f, 65, 1.5f, 4, -1);
    assertThatThrownBy(() -> packing.encode(m, List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void a_zero_point_in_a_byte_is_signed() {
    IntScheme scheme = new IntScheme(4, 8, ScaleType.F32, Zero.POINT);
    PackQuantized packing = new PackQuantized(scheme, false, false, DType.I8, DType.I64);
    // Codes 0 to 7 and 8 to 15, which stand for -8 to -1 and 0 to 7.
    MemorySegment codes = MemorySegment.ofArray(new int[] {0x76543210, 0xfedcba98});
    QuantizedMatrix m =
        packing.decode(
            List.of(codes, floats(1, 2), MemorySegment.ofArray(new byte[] {-8, 7})), 1, 16);
    assertThat(values(m)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, -14, -12, -10, -8, -6, -4, -2, 0);
  }
}
