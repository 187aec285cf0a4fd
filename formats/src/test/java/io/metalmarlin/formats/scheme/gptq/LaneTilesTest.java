package io.metalmarlin.formats.scheme.gptq;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The vectors against the scalar reference.
class LaneTilesTest {
  @ParameterizedTest
  @CsvSource({"8, 8", "64, 64", "40, 16", "16, 56", "13, 21", "300, 264", "7, 40", "24, 1030"})
  void words_are_transposed_as_one_by_one(int rows, int cols) {
    int bytes = 4 * rows * cols;
    MemorySegment in = random(bytes);
    MemorySegment fast = MemorySegment.ofArray(new byte[bytes]);
    MemorySegment slow = MemorySegment.ofArray(new byte[bytes]);
    Transpose.words(in, fast, rows, cols, true);
    Transpose.words(in, slow, rows, cols, false);
    assertThat(fast.mismatch(slow)).isEqualTo(-1);
    assertThat(word(fast, 5 * rows + 3)).isEqualTo(word(in, 3 * cols + 5));
  }

  @ParameterizedTest
  @CsvSource({"16, 16", "17, 31", "86, 300", "300, 86", "128, 144", "15, 40", "64, 9", "1, 70"})
  void halfwords_are_transposed_as_one_by_one(int rows, int cols) {
    int bytes = 2 * rows * cols;
    MemorySegment in = random(bytes);
    MemorySegment fast = MemorySegment.ofArray(new byte[bytes]);
    MemorySegment slow = MemorySegment.ofArray(new byte[bytes]);
    Transpose.halfwords(in, fast, rows, cols, true);
    Transpose.halfwords(in, slow, rows, cols, false);
    assertThat(fast.mismatch(slow)).isEqualTo(-1);
    for (int i = 0; i < rows * cols; i += 3) {
      int to = i % cols * rows + i / cols;
      assertThat(half(slow, to)).isEqualTo(half(in, i));
    }
  }

  private static short half(MemorySegment halves, int index) {
    return halves.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * index);
  }

  @ParameterizedTest
  @CsvSource({
    "64, 64, true",
    "64, 64, false",
    "128, 192, true",
    "320, 64, false",
    "72, 88, true",
    "72, 88, false",
    "8, 16, true",
    "640, 128, true",
    "640, 128, false",
    "72, 1288, true",
    "576, 1160, false",
    "64, 4224, true",
    "64, 4224, false"
  })
  void nibbles_are_transposed_as_block_by_block(int lines, int nibbles, boolean fromAwq) {
    int bytes = lines * nibbles / 2;
    MemorySegment in = random(bytes);
    MemorySegment fast = MemorySegment.ofArray(new byte[bytes]);
    MemorySegment slow = MemorySegment.ofArray(new byte[bytes]);
    NibbleTranspose.tiles(in, fast, lines, nibbles, fromAwq, true);
    NibbleTranspose.tiles(in, slow, lines, nibbles, fromAwq, false);
    assertThat(fast.mismatch(slow)).isEqualTo(-1);
  }

  private static MemorySegment random(int bytes) {
    byte[] random = new byte[bytes];
    new Random(3).nextBytes(random);
    return MemorySegment.ofArray(random);
  }

  private static int word(MemorySegment words, int index) {
    return words.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * index);
  }
}
