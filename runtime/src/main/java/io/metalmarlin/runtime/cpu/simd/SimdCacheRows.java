package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.ALL;
import static io.metalmarlin.runtime.cpu.simd.Lanes.L;
import static io.metalmarlin.runtime.cpu.simd.Lanes.LE;

import io.metalmarlin.runtime.cache.CacheFormat;
import io.metalmarlin.runtime.cache.CacheRows;
import io.metalmarlin.runtime.cache.Codes;
import io.metalmarlin.runtime.cache.ScaleKind;
import io.metalmarlin.runtime.cpu.kernel.CacheKernel;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Rows of a cache, a vector of codes at a time, where a half block of 4-bit codes has one scale;
/// what fills no block is read value by value.
public final class SimdCacheRows implements CacheKernel {
  private static final int HALF = CacheRows.BLOCK / 2;

  @Override
  public void decode(
      CacheFormat format,
      MemorySegment rows,
      long offset,
      int count,
      int width,
      MemorySegment out) {
    int bytes = format.bytes(width);
    int group = format.group(width);
    long from = Lanes.address(rows.asSlice(offset, (long) count * bytes));
    long to = Lanes.address(out.asSlice(0, 4L * count * width));
    int whole = whole(format, width);
    int codeBytes = format.codeBytes(width);
    for (int r = 0; r < count; r++) {
      long row = from + (long) r * bytes;
      long values = to + 4L * r * width;
      if (format.codes() == Codes.INT8) {
        bytes(row, format.scales().read(ALL, row + codeBytes), whole, values);
      } else if (group >= width) {
        float scale = format.scales().read(ALL, row + codeBytes);
        nibbles(format.codes() == Codes.FP4, row, scale, whole, values);
      } else {
        grouped(format.codes() == Codes.FP4, row, format.scales(), row + codeBytes, whole, values);
      }
      CacheRows.decode(format, ALL, row, whole, width, ALL, values);
    }
    Reference.reachabilityFence(rows);
    Reference.reachabilityFence(out);
  }

  /// How many values of a row go by vectors.
  private static int whole(CacheFormat format, int width) {
    int group = format.group(width);
    if (format.codes() == Codes.INT8) {
      return group >= width ? width - width % L : 0;
    }
    return group >= width || group == HALF ? width - width % CacheRows.BLOCK : 0;
  }

  private static void bytes(long row, float scale, int whole, long values) {
    long from = Lanes.address(row);
    long to = Lanes.address(values);
    for (int i = 0; i < whole; i += L) {
      Lanes.loadSigned(from + i).mul(scale).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void nibbles(boolean floats, long row, float scale, int whole, long values) {
    for (int i = 0; i < whole; i += CacheRows.BLOCK) {
      block(floats, row + i / 2, scale, scale, values + 4L * i);
    }
  }

  private static void grouped(
      boolean floats, long row, ScaleKind kind, long scales, int whole, long values) {
    for (int i = 0; i < whole; i += CacheRows.BLOCK) {
      long at = scales + (long) i / HALF * kind.bytes();
      float low = kind.read(ALL, at);
      float high = kind.read(ALL, at + kind.bytes());
      block(floats, row + i / 2, low, high, values + 4L * i);
    }
  }

  private static void block(boolean floats, long codes, float low, float high, long values) {
    long from = Lanes.address(codes);
    long to = Lanes.address(values);
    for (int c = 0; c < HALF; c += L) {
      IntVector w = Lanes.loadBytes(from + c);
      IntVector u = w.lanewise(VectorOperators.LSHR, 4);
      value(floats, w).mul(low).intoMemorySegment(ALL, to + 4L * c, LE);
      value(floats, u).mul(high).intoMemorySegment(ALL, to + 4L * (HALF + c), LE);
    }
  }

  private static FloatVector value(boolean floats, IntVector nibbles) {
    return floats ? Nvfp4Weights.grid(nibbles) : signed(nibbles);
  }

  private static FloatVector signed(IntVector nibbles) {
    return (FloatVector)
        nibbles
            .lanewise(VectorOperators.LSHL, 28)
            .lanewise(VectorOperators.ASHR, 28)
            .convert(VectorOperators.I2F, 0);
  }
}
