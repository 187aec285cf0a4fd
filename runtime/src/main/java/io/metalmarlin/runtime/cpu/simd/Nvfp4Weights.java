package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.F;
import static io.metalmarlin.runtime.cpu.simd.Lanes.I;
import static io.metalmarlin.runtime.cpu.simd.Lanes.L;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.runtime.cpu.kernel.DirectSchemes;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.StoredMatrix;
import io.metalmarlin.runtime.model.StoredMatrix.Packed;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/// NVFP4 weights: 16 E2M1 codes (8 bytes) share one E4M3 scale byte, one fp32 factor a matrix.
///
/// [#multiply] walks over blocks of 16 L columns. Read as two vectors of 32-bit words, lane `i` of
/// the first holds columns `8i .. 8i+7` of the block, so eight shifts by 4 bits bring every column
/// to the same place; [#prepare] puts the input into that order. Two neighbouring lanes belong to
/// one group.
public final class Nvfp4Weights implements WeightKernel {
  private static final int BLOCK = 16 * L;
  private static final float[] E2M1 = {0, .5f, 1, 1.5f, 2, 3, 4, 6};
  private static final IntVector MAGNITUDES = (IntVector) I.fromArray(bits(), 0);
  private static final IntVector NIBBLE_SHIFTS = (IntVector) I.fromArray(ramp(4, 8), 0);
  private static final VectorMask<Integer> UPPER_LANES =
      VectorMask.fromLong(I, L == 16 ? 0xff00L : 0L);
  private static final VectorShuffle<Float> LOWER_GROUPS = VectorShuffle.fromOp(F, i -> i / 2);
  private static final VectorShuffle<Float> UPPER_GROUPS =
      VectorShuffle.fromOp(F, i -> L / 2 + i / 2);

  @Override
  public boolean accepts(StoredMatrix matrix) {
    return matrix instanceof Packed p
        && p.matrix() instanceof QuantizedMatrix
        && DirectSchemes.nvfp4(p.matrix().scheme());
  }

  @Override
  public void decode(StoredMatrix matrix, int from, int to, MemorySegment out) {
    QuantizedMatrix m = (QuantizedMatrix) ((Packed) matrix).matrix();
    float[] effective = new float[256];
    for (int c = 0; c < 256; c++) {
      effective[c] = m.tensorScale().effective(m.scheme().scaleValue(c));
    }
    int fullGroups = m.cols() / 16;
    for (int r = from; r < to; r++) {
      long row = (long) (r - from) * m.cols() * 4;
      decodeGroups(
          m.codes(),
          (long) r * m.codeStride(),
          m.scales(),
          (long) r * m.groups(),
          fullGroups,
          effective,
          out,
          row);
      for (int c = fullGroups * 16; c < m.cols(); c++) {
        out.set(JAVA_FLOAT_UNALIGNED, row + 4L * c, value(m, r, c));
      }
    }
  }

  private static void decodeGroups(
      MemorySegment codes,
      long code,
      MemorySegment scales,
      long scale,
      int groups,
      float[] effective,
      MemorySegment out,
      long to) {
    for (int g = 0; g < groups; g++) {
      long bits = codes.get(JAVA_LONG_UNALIGNED, code + 8L * g);
      float s = effective[scales.get(JAVA_BYTE, scale + g) & 0xff];
      for (int c = 0; c < 16; c += L) {
        IntVector w = IntVector.broadcast(I, (int) (bits >>> (4 * c)));
        if (L == 16) {
          w = w.blend(IntVector.broadcast(I, (int) (bits >>> 32)), UPPER_LANES);
        }
        w = w.lanewise(VectorOperators.LSHR, NIBBLE_SHIFTS);
        grid(w).mul(s).intoMemorySegment(out, to + 64L * g + 4L * c, Lanes.LE);
      }
    }
  }

  @Override
  public void prepare(StoredMatrix matrix, MemorySegment x, long xOffset, MemorySegment prepared) {
    int cols = matrix.cols();
    int whole = cols - cols % BLOCK;
    for (int b = 0; b < whole; b += BLOCK) {
      for (int i = 0; i < BLOCK; i++) {
        int word = i / 8;
        int to = (word / L) * 8 * L + (i % 8) * L + word % L;
        prepared.set(
            JAVA_FLOAT_UNALIGNED,
            4L * (b + to),
            x.get(JAVA_FLOAT_UNALIGNED, xOffset + 4L * (b + i)));
      }
    }
    MemorySegment.copy(x, xOffset + 4L * whole, prepared, 4L * whole, 4L * (cols - whole));
  }

  @Override
  public void multiply(
      StoredMatrix matrix,
      int from,
      int to,
      MemorySegment prepared,
      MemorySegment out,
      long outOffset) {
    QuantizedMatrix m = (QuantizedMatrix) ((Packed) matrix).matrix();
    int blocks = m.cols() / BLOCK;
    for (int r = from; r < to; r++) {
      float y =
          dot(
              m.codes(),
              (long) r * m.codeStride(),
              m.scales(),
              (long) r * m.groups(),
              blocks,
              prepared);
      y = m.tensorScale().effective(y);
      for (int c = blocks * BLOCK; c < m.cols(); c++) {
        y = Math.fma(value(m, r, c), prepared.get(JAVA_FLOAT_UNALIGNED, 4L * c), y);
      }
      out.set(JAVA_FLOAT_UNALIGNED, outOffset + 4L * r, y);
    }
  }

  /// The weight at (row, col), for the columns that fill no vector.
  private static float value(QuantizedMatrix m, int row, int col) {
    float scale = m.scheme().scaleValue(m.scaleCode(row, m.group(col)));
    return m.tensorScale().effective(scale) * m.scheme().value(m.code(row, col));
  }

  private static float dot(
      MemorySegment codes,
      long code,
      MemorySegment scales,
      long scale,
      int blocks,
      MemorySegment x) {
    FloatVector total = FloatVector.zero(F);
    for (int b = 0; b < blocks; b++) {
      FloatVector first = FloatVector.zero(F);
      FloatVector second = first;
      IntVector w = IntVector.fromMemorySegment(I, codes, code + (long) b * 8 * L, Lanes.LE);
      IntVector u =
          IntVector.fromMemorySegment(I, codes, code + (long) b * 8 * L + 4 * L, Lanes.LE);
      long at = 4L * b * BLOCK;
      for (int s = 0; s < 8; s++, at += 4 * L) {
        first = grid(w).fma(Lanes.load(x, at), first);
        second = grid(u).fma(Lanes.load(x, at + 32 * L), second);
        w = w.lanewise(VectorOperators.LSHR, 4);
        u = u.lanewise(VectorOperators.LSHR, 4);
      }
      FloatVector group = e4m3(scales, scale + (long) b * L);
      total = first.fma(group.rearrange(LOWER_GROUPS), total);
      total = second.fma(group.rearrange(UPPER_GROUPS), total);
    }
    return Lanes.sum(total);
  }

  /// E2M1 values of the low nibbles.
  static FloatVector grid(IntVector nibbles) {
    if (L == 16) {
      return nibbles.and(15).selectFrom(MAGNITUDES).reinterpretAsFloats();
    }
    IntVector sign = nibbles.and(8).lanewise(VectorOperators.LSHL, 28);
    if (L == 8) {
      return nibbles.and(7).selectFrom(MAGNITUDES).or(sign).reinterpretAsFloats();
    }
    // Exponent and mantissa moved to the place where fp32 has them; 2^126 makes up for the bias.
    IntVector magnitude = nibbles.and(7).lanewise(VectorOperators.LSHL, 22);
    return magnitude.or(sign).reinterpretAsFloats().mul(0x1p126f);
  }

  /// L consecutive E4M3 scales; NaN codes are refused when a checkpoint is opened.
  private static FloatVector e4m3(MemorySegment scales, long offset) {
    IntVector bytes = Lanes.loadBytes(scales, offset);
    IntVector magnitude = bytes.and(0x7f).lanewise(VectorOperators.LSHL, 20);
    IntVector sign = bytes.and(0x80).lanewise(VectorOperators.LSHL, 24);
    return magnitude.or(sign).reinterpretAsFloats().mul(0x1p120f);
  }

  private static int[] bits() {
    int[] table = new int[16];
    for (int i = 0; i < 16; i++) {
      table[i] = Float.floatToRawIntBits(i < 8 ? E2M1[i] : -E2M1[i - 8]);
    }
    return table;
  }

  private static int[] ramp(int step, int period) {
    int[] shifts = new int[16];
    for (int i = 0; i < 16; i++) {
      shifts[i] = step * (i % period);
    }
    return shifts;
  }
}
