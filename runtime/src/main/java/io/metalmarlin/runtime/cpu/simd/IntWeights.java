package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.F;
import static io.metalmarlin.runtime.cpu.simd.Lanes.I;
import static io.metalmarlin.runtime.cpu.simd.Lanes.L;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.runtime.cpu.kernel.DirectSchemes;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.StoredMatrix;
import io.metalmarlin.runtime.model.StoredMatrix.Packed;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/// Integers of 2, 4 or 8 bits in groups of columns, with zero points, biases or neither.
///
/// [#multiply] walks over blocks of L words of 32 bits. Lane `i` holds the `32 / bits` columns of
/// word `i`, so shifts by the width of a code bring every column to the same place; [#prepare] puts
/// the input into that order. A group is a whole number of words, so a lane has one scale and one
/// zero.
public final class IntWeights implements WeightKernel {
  /// Bits of 2^23: its lowest mantissa bit counts 1, so a code put there adds itself.
  private static final int WHOLE_NUMBERS = Float.floatToRawIntBits(0x1p23f);

  /// Lane `i` takes lane `i >> n`, by n.
  private static final VectorShuffle<Float>[] SPREAD = spread();

  @Override
  public boolean accepts(StoredMatrix matrix) {
    return matrix instanceof Packed p
        && p.matrix() instanceof QuantizedMatrix m
        && m.groupIndex() == null
        && DirectSchemes.integers(m.scheme());
  }

  @Override
  public void decode(StoredMatrix matrix, int from, int to, MemorySegment out) {
    QuantizedMatrix m = (QuantizedMatrix) ((Packed) matrix).matrix();
    GroupRows rows = new GroupRows(m);
    float[] row = new float[m.cols()];
    for (int r = from; r < to; r++) {
      rows.decode(r, row, 0);
      MemorySegment.copy(row, 0, out, JAVA_FLOAT_UNALIGNED, 4L * (r - from) * m.cols(), row.length);
    }
  }

  @Override
  public void prepare(StoredMatrix matrix, MemorySegment x, long xOffset, MemorySegment prepared) {
    int perWord = 32 / ((IntScheme) ((Packed) matrix).matrix().scheme()).bits();
    int cols = matrix.cols();
    int whole = cols - cols % (perWord * L);
    for (int b = 0; b < whole; b += perWord * L) {
      for (int i = 0; i < perWord * L; i++) {
        int to = b + i % perWord * L + i / perWord;
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
    QuantizedMatrix m = (QuantizedMatrix) ((Packed) matrix).matrix();
    IntScheme scheme = (IntScheme) m.scheme();
    int block = 32 / scheme.bits() * L;
    int blocks = m.cols() / block;
    // Room behind the last group, so that L scales can be read from any.
    float[] scales = new float[m.groups() + L];
    float[] zeros = new float[m.groups() + L];
    for (int r = from; r < to; r++) {
      GroupRows.parameters(m, r, scales, zeros);
      long code = (long) r * m.codeStride();
      float y =
          scheme.zero() == Zero.BIAS
              ? biased(
                  m.codes(), code, scheme.bits(), m.groupSize(), blocks, prepared, scales, zeros)
              : plain(m.codes(), code, scheme, m.groupSize(), blocks, prepared, scales, zeros);
      for (int c = blocks * block; c < m.cols(); c++) {
        float w = value(scheme, m.code(r, c), scales[m.group(c)], zeros[m.group(c)]);
        y = Math.fma(w, prepared.get(JAVA_FLOAT_UNALIGNED, 4L * c), y);
      }
      out.set(JAVA_FLOAT_UNALIGNED, outOffset + 4L * r, y);
    }
  }

  private static float value(IntScheme scheme, int code, float scale, float zero) {
    return scheme.zero() == Zero.BIAS
        ? scheme.value(code) * scale + zero
        : (scheme.value(code) - zero) * scale;
  }

  private static float plain(
      MemorySegment codes,
      long at,
      IntScheme scheme,
      int group,
      int blocks,
      MemorySegment x,
      float[] scales,
      float[] zeros) {
    int bits = scheme.bits();
    int mask = (1 << bits) - 1;
    int perWord = 32 / bits;
    float offset = 0x1p23f + scheme.offset();
    FloatVector total = FloatVector.zero(F);
    long from = 0;
    for (int b = 0; b < blocks; b++) {
      IntVector w = IntVector.fromMemorySegment(I, codes, at + 4L * L * b, Lanes.LE);
      FloatVector zero = lanes(zeros, b, perWord, group).add(offset);
      FloatVector first = FloatVector.zero(F);
      FloatVector second = first;
      for (int s = 0; s < perWord; s += 2, from += 8 * L) {
        FloatVector p = w.and(mask).or(WHOLE_NUMBERS).reinterpretAsFloats().sub(zero);
        first = p.fma(Lanes.load(x, from), first);
        w = w.lanewise(VectorOperators.LSHR, bits);
        FloatVector q = w.and(mask).or(WHOLE_NUMBERS).reinterpretAsFloats().sub(zero);
        second = q.fma(Lanes.load(x, from + 4 * L), second);
        w = w.lanewise(VectorOperators.LSHR, bits);
      }
      total = first.add(second).fma(lanes(scales, b, perWord, group), total);
    }
    return Lanes.sum(total);
  }

  private static float biased(
      MemorySegment codes,
      long at,
      int bits,
      int group,
      int blocks,
      MemorySegment x,
      float[] scales,
      float[] biases) {
    int mask = (1 << bits) - 1;
    int perWord = 32 / bits;
    FloatVector total = FloatVector.zero(F);
    long from = 0;
    for (int b = 0; b < blocks; b++) {
      IntVector w = IntVector.fromMemorySegment(I, codes, at + 4L * L * b, Lanes.LE);
      FloatVector sum = FloatVector.zero(F);
      FloatVector inputs = sum;
      for (int s = 0; s < perWord; s++, from += 4 * L) {
        FloatVector q = w.and(mask).or(WHOLE_NUMBERS).reinterpretAsFloats().sub(0x1p23f);
        FloatVector v = Lanes.load(x, from);
        sum = q.fma(v, sum);
        inputs = inputs.add(v);
        w = w.lanewise(VectorOperators.LSHR, bits);
      }
      total = sum.fma(lanes(scales, b, perWord, group), total);
      total = inputs.fma(lanes(biases, b, perWord, group), total);
    }
    return Lanes.sum(total);
  }

  /// The parameter of every lane's group in block `b`.
  private static FloatVector lanes(float[] perGroup, int b, int perWord, int group) {
    int first = (int) ((long) b * L * perWord / group);
    if (group >= L * perWord) {
      return FloatVector.broadcast(F, perGroup[first]);
    }
    int wordsPerGroup = group / perWord;
    return FloatVector.fromArray(F, perGroup, first)
        .rearrange(SPREAD[Integer.numberOfTrailingZeros(wordsPerGroup)]);
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static VectorShuffle<Float>[] spread() {
    VectorShuffle<Float>[] all = new VectorShuffle[5];
    for (int n = 0; n < all.length; n++) {
      int shift = n;
      all[n] = VectorShuffle.fromOp(F, i -> i >> shift);
    }
    return all;
  }
}
