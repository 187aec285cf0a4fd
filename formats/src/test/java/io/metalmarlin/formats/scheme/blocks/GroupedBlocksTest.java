package io.metalmarlin.formats.scheme.blocks;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.scheme.BlockMatrix;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Blocks taken apart decode to the values of the blocks, and come back byte for byte.
class GroupedBlocksTest {
  private static BlockMatrix random(DType type) {
    SplittableRandom random = new SplittableRandom(type.ordinal());
    int cols = 4 * type.blockElements();
    byte[] blocks = new byte[3 * 4 * type.blockBytes()];
    random.nextBytes(blocks);
    for (int at = 0; at < blocks.length; at += type.blockBytes()) {
      for (int i = 0; i < 4; i++) {
        // Finite and positive in every scale type: E4M3, E8M0, F16.
        blocks[at + i] =
            type == DType.MXFP4 && i > 0 ? blocks[at + i] : (byte) random.nextInt(0x78);
      }
    }
    return new BlockMatrix(type, 3, cols, MemorySegment.ofArray(blocks));
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "MXFP4", "NVFP4"})
  void taken_apart_they_have_the_same_values_and_come_back_byte_for_byte(DType type) {
    BlockMatrix blocks = random(type);
    QuantizedMatrix grouped = GroupedBlocks.grouped(blocks);
    float[] expected = new float[3 * blocks.cols()];
    blocks.decode(0, 3, expected);
    float[] actual = new float[expected.length];
    grouped.decode(0, 3, actual);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).as("element %d", i).isEqualTo(expected[i]);
    }
    assertThat(GroupedBlocks.blocks(grouped, type).blocks().toArray(ValueLayout.JAVA_BYTE))
        .isEqualTo(blocks.blocks().toArray(ValueLayout.JAVA_BYTE));
    assertThat(GroupedBlocks.type(grouped.scheme())).contains(type);
  }

  @Test
  void vectors_put_together_what_words_do() {
    byte[] blocks = new byte[300 * DType.NVFP4.blockBytes()];
    new SplittableRandom(1).nextBytes(blocks);
    for (int at = 0; at < blocks.length; at += DType.NVFP4.blockBytes()) {
      Arrays.fill(blocks, at, at + 4, (byte) (1 + at % 100));
    }
    MemorySegment all = MemorySegment.ofArray(blocks);
    GroupedBlock layout = GroupedBlocks.block(DType.NVFP4);
    QuantizedMatrix m = GroupedBlocks.grouped(new BlockMatrix(DType.NVFP4, 3, 6400, all));
    for (boolean vectors : new boolean[] {true, false}) {
      MemorySegment out = MemorySegment.ofArray(new byte[blocks.length]);
      layout.putTogether(DType.NVFP4, m, out, vectors);
      assertThat(out.mismatch(all)).as("vectors %s", vectors).isEqualTo(-1);
    }
  }

  /// More blocks than are worked on at once.
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"Q4_0", "Q4_1", "MXFP4"})
  void vectors_take_apart_what_words_do(DType type) {
    byte[] blocks = new byte[300 * type.blockBytes()];
    new SplittableRandom(1).nextBytes(blocks);
    for (int at = 0; at < blocks.length; at += type.blockBytes()) {
      blocks[at] = 0x40;
    }
    MemorySegment all = MemorySegment.ofArray(blocks);
    GroupedBlock layout = GroupedBlocks.block(type);
    QuantizedMatrix fast = GroupedBlocks.grouped(new BlockMatrix(type, 3, 3200, all));
    QuantizedMatrix slow = GroupedBlocks.grouped(new BlockMatrix(type, 3, 3200, all));
    fast.codes().fill((byte) 0);
    slow.codes().fill((byte) 0);
    layout.takeApart(type, all, fast, true, true);
    layout.takeApart(type, all, slow, true, false);
    assertThat(GroupedBlock.VECTORS).isTrue();
    assertThat(fast.codes().mismatch(slow.codes())).isEqualTo(-1);
    assertThat(fast.scales().mismatch(slow.scales())).isEqualTo(-1);
  }
}
