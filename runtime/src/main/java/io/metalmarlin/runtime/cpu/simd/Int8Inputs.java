package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.F;
import static io.metalmarlin.runtime.cpu.simd.Lanes.L;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Input vectors rounded to whole numbers of -127 to 127 under one fp32 scale for each 32 columns:
/// the rule of llama.cpp's Q8_0, its scale not rounded to fp16.
///
/// A block is [#BYTES] long: two sums of 16 inputs, the scale, and 16 pairs of inputs, all pairs of
/// 16-bit numbers. Pair `4v + j` goes with nibble `j` of the two halves of word `v` of the codes;
/// which columns these are depends on the layout. The sums are those of the first and of the second
/// inputs of the pairs.
///
/// @param first the column of the first input of each pair
/// @param apart how many columns further the second one is
record Int8Inputs(int[] first, int apart) {
  static final int COLUMNS = 32;
  static final int BYTES = 72;

  /// Where the sums, the scale and the pairs begin.
  static final int SUMS = 0;

  static final int SCALE = 4;
  static final int PAIRS = 8;

  private static final int PAIR_COUNT = 16;
  private static final int LARGEST = 127;
  // Adding it rounds to a whole number that then stands in the low mantissa bits.
  private static final float ROUND = 0x1.8p23f;

  /// Codes in the order of their columns.
  static final Int8Inputs IN_ORDER = new Int8Inputs(inOrder(), 4);

  /// Codes of ggml's blocks, column `j` below column `j + 16` in byte `j`.
  static final Int8Inputs HALVES = new Int8Inputs(halves(), 2);

  private static int[] inOrder() {
    return IntStream.range(0, PAIR_COUNT).map(i -> i / 4 * 8 + i % 4).toArray();
  }

  private static int[] halves() {
    return IntStream.range(0, PAIR_COUNT).map(i -> i / 4 * 4 + i % 2 * 16 + i % 4 / 2).toArray();
  }

  /// @param cols whole blocks
  void prepare(MemorySegment x, long xOffset, int cols, MemorySegment prepared) {
    long from = Lanes.address(x.asSlice(xOffset, 4L * cols));
    long to = Lanes.address(prepared.asSlice(0, (long) cols / COLUMNS * BYTES));
    int[] codes = new int[COLUMNS];
    for (int b = 0; b < cols / COLUMNS; b++) {
      block(from + 4L * b * COLUMNS, codes, to + (long) b * BYTES);
    }
  }

  private void block(long from, int[] codes, long to) {
    float scale = round(from, codes) / LARGEST;
    int ones = 0;
    int others = 0;
    for (int i = 0; i < first.length; i++) {
      int one = codes[first[i]];
      int other = codes[first[i] + apart];
      ones += one;
      others += other;
      Lanes.ALL.set(JAVA_INT_UNALIGNED, to + PAIRS + 4L * i, pair(one, other));
    }
    Lanes.ALL.set(JAVA_INT_UNALIGNED, to + SUMS, pair(ones, others));
    Lanes.ALL.set(JAVA_FLOAT_UNALIGNED, to + SCALE, scale);
  }

  /// Rounds a block.
  ///
  /// @return its largest magnitude
  private static float round(long from, int[] codes) {
    FloatVector top = FloatVector.zero(F);
    for (int c = 0; c < COLUMNS; c += L) {
      top = Lanes.load(from + 4L * c).abs().max(top);
    }
    float largest = top.reduceLanes(VectorOperators.MAX);
    float inverse = largest == 0 ? 0 : LARGEST / largest;
    for (int c = 0; c < COLUMNS; c += L) {
      FloatVector rounded = Lanes.load(from + 4L * c).mul(inverse).add(ROUND);
      IntVector whole = rounded.reinterpretAsInts().sub(Float.floatToRawIntBits(ROUND));
      whole.intoArray(codes, c);
    }
    return largest;
  }

  private static int pair(int low, int high) {
    return low & 0xffff | high << 16;
  }
}
