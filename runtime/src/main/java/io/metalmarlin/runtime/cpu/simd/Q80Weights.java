package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.F;
import static io.metalmarlin.runtime.cpu.simd.Lanes.L;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.tensor.DType;
import jdk.incubator.vector.FloatVector;

/// ggml's Q8_0: an fp16 scale and 32 signed bytes.
public final class Q80Weights extends BlockWeights {
  private static final int BYTES = 34;
  private static final int CODES = 2;

  public Q80Weights() {
    super(DType.Q8_0);
  }

  @Override
  void decode(long at, int count, long to) {
    long row = Lanes.address(at);
    for (int b = 0; b < count; b++) {
      long block = row + (long) b * BYTES;
      float d = scale(block);
      for (int c = 0; c < COLUMNS; c += L) {
        Lanes.loadSigned(block + CODES + c)
            .mul(d)
            .intoMemorySegment(Lanes.ALL, to + 4L * ((long) b * COLUMNS + c), Lanes.LE);
      }
    }
  }

  /// Four rows at a time, because the input is four times as many bytes as the codes and often does
  /// not fit into the first cache level; far apart, because rows that share a page spoil each
  /// other's prefetching.
  @Override
  void products(long blocks, long stride, int rows, int count, long x, long out) {
    int apart = rows / 4;
    for (int r = 0; r < apart; r++) {
      four(blocks + r * stride, apart * stride, count, x, out + 4L * r, 4L * apart);
    }
    for (int r = 4 * apart; r < rows; r++) {
      one(blocks + r * stride, count, x, out + 4L * r);
    }
  }

  private static void four(long at, long step, int count, long x, long out, long outStep) {
    FloatVector total0 = FloatVector.zero(F);
    FloatVector total1 = total0;
    FloatVector total2 = total0;
    FloatVector total3 = total0;
    long row0 = Lanes.address(at);
    long row1 = Lanes.address(at + step);
    long row2 = Lanes.address(at + 2 * step);
    long row3 = Lanes.address(at + 3 * step);
    for (int b = 0; b < count; b++) {
      long block0 = row0 + (long) b * BYTES;
      long block1 = row1 + (long) b * BYTES;
      long block2 = row2 + (long) b * BYTES;
      long block3 = row3 + (long) b * BYTES;
      FloatVector sum0 = FloatVector.zero(F);
      FloatVector sum1 = sum0;
      FloatVector sum2 = sum0;
      FloatVector sum3 = sum0;
      for (int c = 0; c < COLUMNS; c += L) {
        FloatVector v = Lanes.load(x + 4L * ((long) b * COLUMNS + c));
        sum0 = Lanes.loadSigned(block0 + CODES + c).fma(v, sum0);
        sum1 = Lanes.loadSigned(block1 + CODES + c).fma(v, sum1);
        sum2 = Lanes.loadSigned(block2 + CODES + c).fma(v, sum2);
        sum3 = Lanes.loadSigned(block3 + CODES + c).fma(v, sum3);
      }
      total0 = sum0.fma(FloatVector.broadcast(F, scale(block0)), total0);
      total1 = sum1.fma(FloatVector.broadcast(F, scale(block1)), total1);
      total2 = sum2.fma(FloatVector.broadcast(F, scale(block2)), total2);
      total3 = sum3.fma(FloatVector.broadcast(F, scale(block3)), total3);
    }
    Lanes.ALL.set(JAVA_FLOAT_UNALIGNED, out, Lanes.sum(total0));
    Lanes.ALL.set(JAVA_FLOAT_UNALIGNED, out + outStep, Lanes.sum(total1));
    Lanes.ALL.set(JAVA_FLOAT_UNALIGNED, out + 2 * outStep, Lanes.sum(total2));
    Lanes.ALL.set(JAVA_FLOAT_UNALIGNED, out + 3 * outStep, Lanes.sum(total3));
  }

  private static void one(long at, int count, long x, long out) {
    FloatVector total = FloatVector.zero(F);
    long row = Lanes.address(at);
    for (int b = 0; b < count; b++) {
      long block = row + (long) b * BYTES;
      FloatVector sum = FloatVector.zero(F);
      for (int c = 0; c < COLUMNS; c += L) {
        FloatVector v = Lanes.load(x + 4L * ((long) b * COLUMNS + c));
        sum = Lanes.loadSigned(block + CODES + c).fma(v, sum);
      }
      total = sum.fma(FloatVector.broadcast(F, scale(block)), total);
    }
    Lanes.ALL.set(JAVA_FLOAT_UNALIGNED, out, Lanes.sum(total));
  }
}
