package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.F;
import static io.metalmarlin.runtime.cpu.simd.Lanes.I;
import static io.metalmarlin.runtime.cpu.simd.Lanes.L;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.Sparse24Matrix;
import io.metalmarlin.formats.scheme.Sparse24Scheme;
import io.metalmarlin.runtime.cpu.kernel.DirectSchemes;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.StoredMatrix;
import io.metalmarlin.runtime.model.StoredMatrix.Packed;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// 2:4 sparse weights (`docs/formats/sparse24.md`) whose kept columns are NVFP4 or 4-bit integers.
///
/// [#multiply] gives every lane one quad: its two codes are the nibbles of one byte, its pattern
/// chooses two of the four inputs. [#prepare] puts the inputs of L quads into four vectors, one for
/// each place in a quad, so that choosing is a blend. The zeros are never multiplied.
public final class Sparse24Weights implements WeightKernel {
  /// Quads of a block: its patterns fill whole bytes.
  private static final int BLOCK = Math.max(8, L);

  private static final IntVector SHIFTS = (IntVector) I.fromArray(shifts(), 0);
  private static final VectorMask<Integer> UPPER_LANES =
      VectorMask.fromLong(I, L == 16 ? 0xff00L : 0L);
  private static final VectorMask<Float> UPPER_SCALES = UPPER_LANES.cast(F);

  @Override
  public boolean accepts(StoredMatrix matrix) {
    return matrix instanceof Packed p
        && p.matrix() instanceof Sparse24Matrix m
        && m.values().groupIndex() == null
        && DirectSchemes.sparse24(m.scheme());
  }

  @Override
  public void decode(StoredMatrix matrix, int from, int to, MemorySegment out) {
    Sparse24Matrix m = sparse(matrix);
    GroupRows rows = new GroupRows(m.values());
    float[] kept = new float[m.cols() / 2];
    out.asSlice(0, 4L * (to - from) * m.cols()).fill((byte) 0);
    for (int r = from; r < to; r++) {
      rows.decode(r, kept, 0);
      long row = (long) (r - from) * m.cols();
      for (int q = 0; q < kept.length / 2; q++) {
        int p = m.pattern(r, q);
        long quad = row + 4L * q;
        out.set(JAVA_FLOAT_UNALIGNED, 4 * (quad + Sparse24Matrix.first(p)), kept[2 * q]);
        out.set(JAVA_FLOAT_UNALIGNED, 4 * (quad + Sparse24Matrix.second(p)), kept[2 * q + 1]);
      }
    }
  }

  @Override
  public void prepare(StoredMatrix matrix, MemorySegment x, long xOffset, MemorySegment prepared) {
    int cols = matrix.cols();
    int whole = cols - cols % (4 * BLOCK);
    for (int b = 0; b < whole; b += 4 * L) {
      for (int i = 0; i < 4 * L; i++) {
        int to = b + i % 4 * L + i / 4;
        prepared.set(
            JAVA_FLOAT_UNALIGNED, 4L * to, x.get(JAVA_FLOAT_UNALIGNED, xOffset + 4L * (b + i)));
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
    Sparse24Matrix m = sparse(matrix);
    QuantizedMatrix values = m.values();
    boolean integers = values.scheme() instanceof IntScheme;
    int quads = m.cols() / 4;
    int whole = quads - quads % BLOCK;
    int shift = values.groups() == 1 ? 31 : Integer.numberOfTrailingZeros(values.groupSize() / 2);
    float[] scales = new float[values.groups()];
    float[] effective = integers ? new float[0] : effective(values);
    float[] none = {};
    for (int r = from; r < to; r++) {
      if (integers) {
        GroupRows.parameters(values, r, scales, none);
      } else {
        long scale = (long) r * scales.length;
        for (int g = 0; g < scales.length; g++) {
          scales[g] = effective[values.scales().get(JAVA_BYTE, scale + g) & 0xff];
        }
      }
      long code = (long) r * values.codeStride();
      long pattern = (long) r * Sparse24Matrix.stride(m.cols());
      float y =
          integers
              ? integers(
                  values.codes(), code, m.patterns(), pattern, whole, scales, shift, prepared)
              : floats(values.codes(), code, m.patterns(), pattern, whole, scales, shift, prepared);
      for (int q = whole; q < quads; q++) {
        int p = m.pattern(r, q);
        y =
            Math.fma(
                value(values, scales, r, 2 * q), at(prepared, 4 * q + Sparse24Matrix.first(p)), y);
        y =
            Math.fma(
                value(values, scales, r, 2 * q + 1),
                at(prepared, 4 * q + Sparse24Matrix.second(p)),
                y);
      }
      out.set(JAVA_FLOAT_UNALIGNED, outOffset + 4L * r, y);
    }
  }

  /// The factors of all scale bytes: a row has many groups of 16.
  private static float[] effective(QuantizedMatrix m) {
    float[] effective = new float[256];
    for (int code = 0; code < effective.length; code++) {
      effective[code] = m.tensorScale().effective(m.scheme().scaleValue(code));
    }
    return effective;
  }

  private static Sparse24Matrix sparse(StoredMatrix matrix) {
    return (Sparse24Matrix) ((Packed) matrix).matrix();
  }

  private static float value(QuantizedMatrix m, float[] scales, int row, int col) {
    return m.scheme().value(m.code(row, col)) * scales[m.group(col)];
  }

  private static float at(MemorySegment x, int col) {
    return x.get(JAVA_FLOAT_UNALIGNED, 4L * col);
  }

  private static float floats(
      MemorySegment codes,
      long code,
      MemorySegment patterns,
      long pattern,
      int quads,
      float[] scales,
      int shift,
      MemorySegment x) {
    FloatVector total = FloatVector.zero(F);
    for (int q = 0; q < quads; q += L) {
      IntVector p = indices(patterns, pattern + q / 8 * 3, q % 8);
      IntVector c = Lanes.loadBytes(codes, code + q);
      IntVector d = c.lanewise(VectorOperators.LSHR, 4);
      FloatVector sum = Nvfp4Weights.grid(c).mul(first(p, x, 16L * q));
      sum = Nvfp4Weights.grid(d).fma(second(p, x, 16L * q), sum);
      total = sum.fma(scale(scales, q, shift), total);
    }
    return Lanes.sum(total);
  }

  private static float integers(
      MemorySegment codes,
      long code,
      MemorySegment patterns,
      long pattern,
      int quads,
      float[] scales,
      int shift,
      MemorySegment x) {
    FloatVector total = FloatVector.zero(F);
    for (int q = 0; q < quads; q += L) {
      IntVector p = indices(patterns, pattern + q / 8 * 3, q % 8);
      IntVector c = Lanes.loadBytes(codes, code + q);
      IntVector d = c.lanewise(VectorOperators.LSHR, 4);
      FloatVector sum = integer(c).mul(first(p, x, 16L * q));
      sum = integer(d).fma(second(p, x, 16L * q), sum);
      total = sum.fma(scale(scales, q, shift), total);
    }
    return Lanes.sum(total);
  }

  /// The low nibbles less 8: put below a one of 2^23, a code adds itself.
  private static FloatVector integer(IntVector nibbles) {
    int ones = Float.floatToRawIntBits(0x1p23f);
    return nibbles.and(15).or(ones).reinterpretAsFloats().sub(0x1p23f + 8);
  }

  /// Pattern indices of L quads: of quad `quad` on of a block whose patterns begin at `at`.
  private static IntVector indices(MemorySegment patterns, long at, int quad) {
    IntVector p;
    if (L == 16) {
      int low = patterns.get(JAVA_INT_UNALIGNED, at);
      int high = patterns.get(JAVA_INT_UNALIGNED, at + 2) >>> 8;
      p = IntVector.broadcast(I, low).blend(high, UPPER_LANES);
    } else {
      int low = patterns.get(JAVA_SHORT_UNALIGNED, at) & 0xffff;
      int high = patterns.get(JAVA_BYTE, at + 2) << 16;
      p = IntVector.broadcast(I, (low | high) >>> quad * Sparse24Scheme.PATTERN_BITS);
    }
    return p.lanewise(VectorOperators.LSHR, SHIFTS).and(7);
  }

  /// Inputs of the first kept columns, which are 0 0 1 0 1 2. Bits of floats are blended: a mask of
  /// integers is then a mask as it is.
  private static FloatVector first(IntVector p, MemorySegment x, long at) {
    IntVector one = inputs(x, at + 4 * L);
    return inputs(x, at)
        .blend(one, p.compare(VectorOperators.EQ, 2))
        .blend(one, p.compare(VectorOperators.EQ, 4))
        .blend(inputs(x, at + 8 * L), p.compare(VectorOperators.EQ, 5))
        .reinterpretAsFloats();
  }

  /// Inputs of the second kept columns, which are 1 2 2 3 3 3.
  private static FloatVector second(IntVector p, MemorySegment x, long at) {
    return inputs(x, at + 12 * L)
        .blend(inputs(x, at + 8 * L), p.compare(VectorOperators.LT, 3))
        .blend(inputs(x, at + 4 * L), p.compare(VectorOperators.EQ, 0))
        .reinterpretAsFloats();
  }

  private static IntVector inputs(MemorySegment x, long at) {
    return IntVector.fromMemorySegment(I, x, at, Lanes.LE);
  }

  /// The scales of L quads: of one group, or of two of eight quads.
  private static FloatVector scale(float[] scales, int quad, int shift) {
    FloatVector s = FloatVector.broadcast(F, scales[quad >>> shift]);
    return L == 16
        ? s.blend(FloatVector.broadcast(F, scales[quad + 8 >>> shift]), UPPER_SCALES)
        : s;
  }

  private static int[] shifts() {
    int[] shifts = new int[16];
    for (int i = 0; i < 16; i++) {
      shifts[i] = i % 8 * Sparse24Scheme.PATTERN_BITS;
    }
    return shifts;
  }
}
