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
  void writes_each_float_type_little_endian_rounded_to_the_nearest() {
    float[] values = {9, 1.00390625f, 3.25f, -2.5f};
    MemorySegment s = MemorySegment.ofArray(new byte[24]);
    Floats.narrow(DType.BF16, values, 1, 2, s, 1);
    Floats.narrow(DType.F16, values, 3, 1, s, 4);
    Floats.narrow(DType.F32, values, 2, 2, s, 3);
    ByteBuffer b = s.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    assertThat(b.getShort(0)).isZero();
    // Halfway between two values: the even one.
    assertThat(b.getShort(2)).isEqualTo((short) 0x3f80);
    assertThat(b.getShort(4)).isEqualTo((short) 0x4050);
    assertThat(b.getShort(8)).isEqualTo(Float.floatToFloat16(-2.5f));
    assertThat(b.getFloat(12)).isEqualTo(3.25f);
    assertThat(b.getFloat(16)).isEqualTo(-2.5f);
  }

  @Test
  void refuses_a_type_that_is_no_float() {
    assertThat(Floats.supports(DType.U8)).isFalse();
    assertThatThrownBy(
            () -> Floats.widen(DType.U8, MemorySegment.ofArray(new byte[8]), 0, new float[1], 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() ->
            Floats.narrow(DType.U8, new float[1], 0, 1, MemorySegment.ofArray(new byte[8]), 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
