package io.metalmarlin.formats.scheme.ggml;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Little-endian fields of a block.
public final class Bytes {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Bytes() {}

  /// The unsigned byte at `o`.
  public static int u8(byte[] b, int o) {
    return b[o] & 0xff;
  }

  /// The unsigned 16-bit number at `o`.
  public static int u16(byte[] b, int o) {
    return (short) SHORT.get(b, o) & 0xffff;
  }

  /// The 32-bit word at `o`.
  public static int i32(byte[] b, int o) {
    return (int) INT.get(b, o);
  }

  /// The 64-bit word at `o`.
  public static long i64(byte[] b, int o) {
    return (long) LONG.get(b, o);
  }

  /// The fp16 at `o`, widened.
  public static float half(byte[] b, int o) {
    return Float.float16ToFloat((short) SHORT.get(b, o));
  }

  /// Stores the low 16 bits of `value`.
  public static void putU16(byte[] b, int o, int value) {
    SHORT.set(b, o, (short) value);
  }

  /// Stores a 32-bit word.
  public static void putI32(byte[] b, int o, int value) {
    INT.set(b, o, value);
  }

  /// Stores a 64-bit word.
  public static void putI64(byte[] b, int o, long value) {
    LONG.set(b, o, value);
  }

  /// Stores `value` as fp16, rounded to nearest, halves to even.
  public static void putHalf(byte[] b, int o, float value) {
    SHORT.set(b, o, Float.floatToFloat16(value));
  }
}
