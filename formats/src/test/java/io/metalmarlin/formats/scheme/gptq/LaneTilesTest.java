package io.metalmarlin.formats.scheme.gptq;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The vectors against the scalar reference.
class LaneTilesTest {
  @ParameterizedTest
  @CsvSource({"8, 8", "64, 64", "40, 16", "16, 56"})
  void words_are_transposed_as_one_by_one(int height, int width) {
    int size = Transpose.TILE * Transpose.TILE;
    int[] in = new SplittableRandom(3).ints(size).toArray();
    int[] fast = new int[size];
    int[] slow = new int[size];
    Transpose.tile(in, fast, height, width, true);
    Transpose.tile(in, slow, height, width, false);
    assertThat(fast).isEqualTo(slow);
    assertThat(fast[3 * Transpose.TILE + 5]).isEqualTo(in[5 * Transpose.TILE + 3]);
  }

  @ParameterizedTest
  @CsvSource({"64, 8, true", "64, 8, false", "128, 16, true", "128, 16, false", "128, 8, true"})
  void nibbles_are_transposed_as_block_by_block(int height, int width, boolean fromAwq) {
    int size = NibbleTranspose.LINES * NibbleTranspose.WORDS;
    int[] in = new SplittableRandom(5).ints(size).toArray();
    int[] fast = new int[size];
    int[] slow = new int[size];
    NibbleTranspose.tile(in, fast, height, width, fromAwq, new int[size]);
    NibbleTranspose.tile(in, slow, height, width, fromAwq, null);
    assertThat(fast).isEqualTo(slow);
  }
}
