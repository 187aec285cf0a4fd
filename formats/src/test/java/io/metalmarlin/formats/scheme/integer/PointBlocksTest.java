package io.metalmarlin.formats.scheme.integer;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Blocks of eight groups against words one by one.
class PointBlocksTest {
  @ParameterizedTest
  @CsvSource({
    "1, 64, 8",
    "2, 16, 9",
    "2, 48, 8",
    "4, 8, 8",
    "4, 136, 15",
    "4, 300, 17",
    "4, 13, 86",
    "8, 4, 8",
    "8, 70, 11"
  })
  void reads_and_writes_what_words_do(int bits, int rows, int groups) {
    int height = 32 / bits;
    int lines = Math.ceilDiv(rows, height);
    int[] turned = IntStream.range(0, height).map(k -> (k * 5 + 3) % height).toArray();
    for (PointWords layout :
        new PointWords[] {
          PointWords.natural(bits, 4L * groups, 4), new PointWords(bits, turned, 4, 4L * lines)
        }) {
      byte[] words = new byte[4 * lines * groups];
      new Random(bits).nextBytes(words);
      MemorySegment stored = MemorySegment.ofArray(words);
      for (int more = 0; more <= (bits < 8 ? 1 : 0); more++) {
        byte[] expected = new byte[rows * groups];
        byte[] points = new byte[rows * groups];
        assertThat(layout.readEach(stored, -more, rows, groups, expected)).isTrue();
        new PointBlocks(layout, groups).read(stored, more, rows, points);
        assertThat(points).isEqualTo(expected);
        MemorySegment all = MemorySegment.ofArray(points);
        MemorySegment slow = MemorySegment.ofArray(new byte[words.length]);
        MemorySegment fast = MemorySegment.ofArray(new byte[words.length]);
        assertThat(layout.writeEach(all, -more, rows, groups, slow)).isTrue();
        assertThat(new PointBlocks(layout, groups).write(all, more, rows, fast)).isTrue();
        assertThat(fast.mismatch(slow)).isEqualTo(-1);
      }
    }
  }

  /// One zero point that is stored less one and is 0, or has a bit too many, anywhere.
  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "2, 0", "4, 1", "4, 0"})
  void says_what_does_not_fit(int bits, int less) {
    int groups = 11;
    int rows = 64;
    PointWords layout = PointWords.natural(bits, 4L * groups, 4);
    int wrong = less == 1 ? 0 : 1 << bits;
    for (int at = 0; at < rows * groups; at += 7) {
      byte[] points = new byte[rows * groups];
      java.util.Arrays.fill(points, (byte) 1);
      points[at] = (byte) wrong;
      MemorySegment words = MemorySegment.ofArray(new byte[4 * groups * rows * bits / 32]);
      MemorySegment all = MemorySegment.ofArray(points);
      assertThat(new PointBlocks(layout, groups).write(all, less, rows, words)).isFalse();
      assertThat(layout.writeEach(all, -less, rows, groups, words)).isFalse();
    }
  }
}
