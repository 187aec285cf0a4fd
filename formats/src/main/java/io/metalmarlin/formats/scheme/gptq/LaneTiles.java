package io.metalmarlin.formats.scheme.gptq;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// The transpositions of [Transpose] and [NibbleTranspose] in vectors of eight words: blocks of 8 x
/// 8 words, and 64 lines of eight words of nibbles. The scalar forms there are the reference.
final class LaneTiles {
  private static final VectorSpecies<Integer> S = IntVector.SPECIES_256;

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

  /// `out[c][r] = in[r][c]` for 8 x 8 words, lines `step` apart on either side.
  static void words(int[] in, int from, int step, int[] out, int to, int toStep) {
    IntVector a = IntVector.fromArray(S, in, from);
    IntVector b = IntVector.fromArray(S, in, from + step);
    IntVector c = IntVector.fromArray(S, in, from + 2 * step);
    IntVector d = IntVector.fromArray(S, in, from + 3 * step);
    IntVector e = IntVector.fromArray(S, in, from + 4 * step);
    IntVector f = IntVector.fromArray(S, in, from + 5 * step);
    IntVector g = IntVector.fromArray(S, in, from + 6 * step);
    IntVector h = IntVector.fromArray(S, in, from + 7 * step);
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
    low(a, b, BY1, UPPER1).intoArray(out, to);
    high(a, b, BY1, UPPER1).intoArray(out, to + toStep);
    low(c, d, BY1, UPPER1).intoArray(out, to + 2 * toStep);
    high(c, d, BY1, UPPER1).intoArray(out, to + 3 * toStep);
    low(e, f, BY1, UPPER1).intoArray(out, to + 4 * toStep);
    high(e, f, BY1, UPPER1).intoArray(out, to + 5 * toStep);
    low(g, h, BY1, UPPER1).intoArray(out, to + 6 * toStep);
    high(g, h, BY1, UPPER1).intoArray(out, to + 7 * toStep);
  }

  private static IntVector low(
      IntVector x, IntVector y, VectorShuffle<Integer> swap, VectorMask<Integer> upper) {
    return x.blend(y.rearrange(swap), upper);
  }

  private static IntVector high(
      IntVector x, IntVector y, VectorShuffle<Integer> swap, VectorMask<Integer> upper) {
    return x.rearrange(swap).blend(y, upper);
  }

  /// 64 lines of eight words, eight nibbles each, become 64 lines of eight words: nibble `i` of
  /// word `w` of line `8 b + k` becomes nibble `k` of word `b` of line `8 w + place(i)`.
  ///
  /// @param order the line among eight that comes at nibble `k`
  /// @param places the line among eight to which nibble `i` goes
  /// @param work room for 512 words
  static void nibbles(
      int[] in, int from, int[] out, int to, int step, int[] order, int[] places, int[] work) {
    for (int block = 0; block < 8; block++) {
      int top = from + 8 * block * step;
      IntVector a = IntVector.fromArray(S, in, top + order[0] * step);
      IntVector b = IntVector.fromArray(S, in, top + order[1] * step);
      IntVector c = IntVector.fromArray(S, in, top + order[2] * step);
      IntVector d = IntVector.fromArray(S, in, top + order[3] * step);
      IntVector e = IntVector.fromArray(S, in, top + order[4] * step);
      IntVector f = IntVector.fromArray(S, in, top + order[5] * step);
      IntVector g = IntVector.fromArray(S, in, top + order[6] * step);
      IntVector h = IntVector.fromArray(S, in, top + order[7] * step);
      IntVector t = cross(a, e, 16, 0xffff);
      e = e.lanewise(VectorOperators.XOR, t);
      a = back(a, t, 16);
      t = cross(b, f, 16, 0xffff);
      f = f.lanewise(VectorOperators.XOR, t);
      b = back(b, t, 16);
      t = cross(c, g, 16, 0xffff);
      g = g.lanewise(VectorOperators.XOR, t);
      c = back(c, t, 16);
      t = cross(d, h, 16, 0xffff);
      h = h.lanewise(VectorOperators.XOR, t);
      d = back(d, t, 16);
      t = cross(a, c, 8, 0x00ff00ff);
      c = c.lanewise(VectorOperators.XOR, t);
      a = back(a, t, 8);
      t = cross(b, d, 8, 0x00ff00ff);
      d = d.lanewise(VectorOperators.XOR, t);
      b = back(b, t, 8);
      t = cross(e, g, 8, 0x00ff00ff);
      g = g.lanewise(VectorOperators.XOR, t);
      e = back(e, t, 8);
      t = cross(f, h, 8, 0x00ff00ff);
      h = h.lanewise(VectorOperators.XOR, t);
      f = back(f, t, 8);
      t = cross(a, b, 4, 0x0f0f0f0f);
      b = b.lanewise(VectorOperators.XOR, t);
      a = back(a, t, 4);
      t = cross(c, d, 4, 0x0f0f0f0f);
      d = d.lanewise(VectorOperators.XOR, t);
      c = back(c, t, 4);
      t = cross(e, f, 4, 0x0f0f0f0f);
      f = f.lanewise(VectorOperators.XOR, t);
      e = back(e, t, 4);
      t = cross(g, h, 4, 0x0f0f0f0f);
      h = h.lanewise(VectorOperators.XOR, t);
      g = back(g, t, 4);
      int at = 8 * block;
      a.intoArray(work, at);
      b.intoArray(work, at + 64);
      c.intoArray(work, at + 128);
      d.intoArray(work, at + 192);
      e.intoArray(work, at + 256);
      f.intoArray(work, at + 320);
      g.intoArray(work, at + 384);
      h.intoArray(work, at + 448);
    }
    for (int i = 0; i < 8; i++) {
      words(work, 64 * i, 8, out, to + places[i] * step, 8 * step);
    }
  }

  /// What two words must exchange so that the upper part of `x` and the lower of `y` change places.
  private static IntVector cross(IntVector x, IntVector y, int shift, int mask) {
    return x.lanewise(VectorOperators.LSHR, shift).lanewise(VectorOperators.XOR, y).and(mask);
  }

  private static IntVector back(IntVector x, IntVector t, int shift) {
    return x.lanewise(VectorOperators.XOR, t.lanewise(VectorOperators.LSHL, shift));
  }
}
