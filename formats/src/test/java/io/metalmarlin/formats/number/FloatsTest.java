package io.metalmarlin.formats.number;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class FloatsTest {
  @Test
  void reads_each_float_type_little_endian_at_an_odd_offset() {
    ByteBuffer b = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    b.putShort(1, (short) 0x3fc0)
        .putShort(3, (short) 0x4020)
        .putShort(5, Float.floatToFloat16(-2.5f));
    b.putFloat(7, 3.25f);
    MemorySegment s = MemorySegment.ofArray(b.array());
    float[] out = new float[5];
    Floats.widen(DType.BF16, s.asSlice(1), 0, out, 0, 2);
    Floats.widen(DType.F16, s.asSlice(3), 1, out, 2, 1);
    Floats.widen(DType.F32, s.asSlice(3), 1, out, 3, 1);
    assertThat(out).containsExactly(1.5f, 2.5f, -2.5f, 3.25f, 0f);
  }

  @Test
  void refuses_a_type_that_is_no_float() {
    assertThat(Floats.supports(DType.U8)).isFalse();
    assertThatThrownBy(
            () -> Floats.widen(DType.U8, MemorySegment.ofArray(new byte[8]), 0, new float[1], 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
