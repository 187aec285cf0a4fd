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
  private static final VectorSpecies<Integer> W = IntVector.SPECIES_PREFERRED;

  /// Words that are worked on at once where they need not be transposed.
  static final int WIDTH = W.length();

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

  /// The same from an array, `step` words from line to line. Written out: with a common part that
  /// takes the eight vectors, those would become objects.
  static void words(int[] from, int at, int step, MemorySegment to, long toAt, long toStep) {
    IntVector a = IntVector.fromArray(S, from, at);
    IntVector b = IntVector.fromArray(S, from, at + step);
    IntVector c = IntVector.fromArray(S, from, at + 2 * step);
    IntVector d = IntVector.fromArray(S, from, at + 3 * step);
    IntVector e = IntVector.fromArray(S, from, at + 4 * step);
    IntVector f = IntVector.fromArray(S, from, at + 5 * step);
    IntVector g = IntVector.fromArray(S, from, at + 6 * step);
    IntVector h = IntVector.fromArray(S, from, at + 7 * step);
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

  /// Sixteen lines of sixteen halfwords as words of two lines: at `to` those of the even columns,
  /// eight words for each pair of lines, and 64 words behind them those of the odd ones.
  static void pairs(MemorySegment from, long at, long step, int[] to, int toAt) {
    for (int pair = 0; pair < 8; pair++) {
      IntVector first = load(from, at + 2 * pair * step);
      IntVector second = load(from, at + (2 * pair + 1) * step);
      first
          .and(0xffff)
          .or(second.lanewise(VectorOperators.LSHL, 16))
          .intoArray(to, toAt + 8 * pair);
      first
          .lanewise(VectorOperators.LSHR, 16)
          .or(second.and(0xffff_0000))
          .intoArray(to, toAt + 64 + 8 * pair);
    }
  }

  private static IntVector low(
      IntVector x, IntVector y, VectorShuffle<Integer> swap, VectorMask<Integer> upper) {
    return x.blend(y.rearrange(swap), upper);
  }

  private static IntVector high(
      IntVector x, IntVector y, VectorShuffle<Integer> swap, VectorMask<Integer> upper) {
    return x.rearrange(swap).blend(y, upper);
  }

  /// Transposes blocks of 4 x 4 bytes in four lines: byte `k` of the word in line `i` becomes byte
  /// `i` of the word in line `k`.
  ///
  /// By shifts: a shuffle of bytes across 256 bits takes five instructions.
  ///
  /// @param at beginning of a line
  /// @param toStep words from line to line
  /// @param words of each line, a multiple of [#WIDTH]
  static void bytes(
      MemorySegment from,
      long at,
      long at1,
      long at2,
      long at3,
      int[] to,
      int toAt,
      int toStep,
      int words) {
    for (int n = 0; n < words; n += WIDTH) {
      IntVector a = wide(from, at + 4L * n);
      IntVector b = wide(from, at1 + 4L * n);
      IntVector c = wide(from, at2 + 4L * n);
      IntVector d = wide(from, at3 + 4L * n);
      IntVector t = differing(a, c, 16, 0xffff);
      IntVector u = differing(b, d, 16, 0xffff);
      a = upper(a, t, 16);
      c = lower(c, t);
      b = upper(b, u, 16);
      d = lower(d, u);
      t = differing(a, b, 8, 0x00ff_00ff);
      u = differing(c, d, 8, 0x00ff_00ff);
      upper(a, t, 8).intoArray(to, toAt + n);
      lower(b, t).intoArray(to, toAt + toStep + n);
      upper(c, u, 8).intoArray(to, toAt + 2 * toStep + n);
      lower(d, u).intoArray(to, toAt + 3 * toStep + n);
    }
  }

  /// Exchanges the upper nibble of each byte of one line with the lower nibble of another's.
  static void nibbles(int[] at, int x, int y, int words) {
    for (int n = 0; n < words; n += WIDTH) {
      IntVector p = IntVector.fromArray(W, at, x + n);
      IntVector q = IntVector.fromArray(W, at, y + n);
      IntVector t = differing(p, q, 4, 0x0f0f0f0f);
      upper(p, t, 4).intoArray(at, x + n);
      lower(q, t).intoArray(at, y + n);
    }
  }

  // The upper part of each word of one line changes places with the lower part of another's.

  private static IntVector differing(IntVector upper, IntVector lower, int shift, int mask) {
    return upper
        .lanewise(VectorOperators.LSHR, shift)
        .lanewise(VectorOperators.XOR, lower)
        .lanewise(VectorOperators.AND, mask);
  }

  private static IntVector upper(IntVector x, IntVector differing, int shift) {
    return x.lanewise(VectorOperators.XOR, differing.lanewise(VectorOperators.LSHL, shift));
  }

  private static IntVector lower(IntVector x, IntVector differing) {
    return x.lanewise(VectorOperators.XOR, differing);
  }

  private static IntVector wide(MemorySegment from, long at) {
    return IntVector.fromMemorySegment(W, from, at, ORDER);
  }

  private static IntVector load(MemorySegment from, long at) {
    return IntVector.fromMemorySegment(S, from, at, ORDER);
  }
}
