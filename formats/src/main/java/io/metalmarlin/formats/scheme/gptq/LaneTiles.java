package io.metalmarlin.formats.scheme.gptq;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// The transpositions of [Transpose] and [NibbleTranspose] in vectors of eight words, from memory
/// to memory. The scalar forms there are the reference.
final class LaneTiles {
  private static final VectorSpecies<Integer> S = IntVector.SPECIES_256;
  private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

  // Lane i takes lane i ^ 4, i ^ 2, i ^ 1.
  private static final VectorShuffle<Integer> BY4 = VectorShuffle.fromOp(S, i -> i ^ 4);
  private static final VectorShuffle<Integer> BY2 = VectorShuffle.fromOp(S, i -> i ^ 2);
  private static final VectorShuffle<Integer> BY1 = VectorShuffle.fromOp(S, i -> i ^ 1);

  // The upper lanes of every eight, four, two.
  private static final VectorMask<Integer> UPPER4 = VectorMask.fromLong(S, 0xf0);
  private static final VectorMask<Integer> UPPER2 = VectorMask.fromLong(S, 0xcc);
  private static final VectorMask<Integer> UPPER1 = VectorMask.fromLong(S, 0xaa);

  private LaneTiles() {}

  /// Whether vectors have so many words here; asked only where the vector module is.
  static boolean wide() {
    return IntVector.SPECIES_PREFERRED.length() >= S.length();
  }

  /// `to[c][r] = from[r][c]` for 8 x 8 words, lines `step` bytes apart on either side.
  static void words(
      MemorySegment from, long at, long step, MemorySegment to, long toAt, long toStep) {
    IntVector a = load(from, at);
    IntVector b = load(from, at + step);
    IntVector c = load(from, at + 2 * step);
    IntVector d = load(from, at + 3 * step);
    IntVector e = load(from, at + 4 * step);
    IntVector f = load(from, at + 5 * step);
    IntVector g = load(from, at + 6 * step);
    IntVector h = load(from, at + 7 * step);
    IntVector p = low(a, e, BY4, UPPER4);
    IntVector t = high(a, e, BY4, UPPER4);
    IntVector q = low(b, f, BY4, UPPER4);
    IntVector u = high(b, f, BY4, UPPER4);
    IntVector r = low(c, g, BY4, UPPER4);
    IntVector v = high(c, g, BY4, UPPER4);
    IntVector s = low(d, h, BY4, UPPER4);
    IntVector w = high(d, h, BY4, UPPER4);
    a = low(p, r, BY2, UPPER2);
    c = high(p, r, BY2, UPPER2);
    b = low(q, s, BY2, UPPER2);
    d = high(q, s, BY2, UPPER2);
    e = low(t, v, BY2, UPPER2);
    g = high(t, v, BY2, UPPER2);
    f = low(u, w, BY2, UPPER2);
    h = high(u, w, BY2, UPPER2);
    low(a, b, BY1, UPPER1).intoMemorySegment(to, toAt, ORDER);
    high(a, b, BY1, UPPER1).intoMemorySegment(to, toAt + toStep, ORDER);
    low(c, d, BY1, UPPER1).intoMemorySegment(to, toAt + 2 * toStep, ORDER);
    high(c, d, BY1, UPPER1).intoMemorySegment(to, toAt + 3 * toStep, ORDER);
    low(e, f, BY1, UPPER1).intoMemorySegment(to, toAt + 4 * toStep, ORDER);
    high(e, f, BY1, UPPER1).intoMemorySegment(to, toAt + 5 * toStep, ORDER);
    low(g, h, BY1, UPPER1).intoMemorySegment(to, toAt + 6 * toStep, ORDER);
    high(g, h, BY1, UPPER1).intoMemorySegment(to, toAt + 7 * toStep, ORDER);
  }

  private static IntVector low(
      IntVector x, IntVector y, VectorShuffle<Integer> swap, VectorMask<Integer> upper) {
    return x.blend(y.rearrange(swap), upper);
  }

  private static IntVector high(
      IntVector x, IntVector y, VectorShuffle<Integer> swap, VectorMask<Integer> upper) {
    return x.rearrange(swap).blend(y, upper);
  }

  /// Exchanges the upper part of each word of one line with the lower part of another's: parts of
  /// `shift` bits where `mask` has them.
  ///
  /// A method for all three exchanges of a block of 8 x 8 nibbles would be more than compilers take
  /// in at once, and its vectors would become objects.
  ///
  /// @param count vectors of each line, side by side
  static void exchange(
      MemorySegment from,
      long x,
      long y,
      MemorySegment to,
      long toX,
      long toY,
      int count,
      int shift,
      int mask) {
    for (long n = 0; n < 32L * count; n += 32) {
      IntVector upper = load(from, x + n);
      IntVector lower = load(from, y + n);
      IntVector t =
          upper
              .lanewise(VectorOperators.LSHR, shift)
              .lanewise(VectorOperators.XOR, lower)
              .and(mask);
      upper
          .lanewise(VectorOperators.XOR, t.lanewise(VectorOperators.LSHL, shift))
          .intoMemorySegment(to, toX + n, ORDER);
      lower.lanewise(VectorOperators.XOR, t).intoMemorySegment(to, toY + n, ORDER);
    }
  }

  private static IntVector load(MemorySegment from, long at) {
    return IntVector.fromMemorySegment(S, from, at, ORDER);
  }
}
