package io.metalmarlin.formats.scheme.ggml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What every block type owes its callers.
class BlockCodecConformanceTest {
  private static final long SEED = 4;

  static List<BlockCodec> codecs() {
    return BlockCodecs.ALL;
  }

  static Stream<BlockCodec> writers() {
    return BlockCodecs.ALL.stream().filter(BlockCodec::writes);
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void every_block_type_has_a_codec_and_no_other(DType type) {
    if (type.isBlock()) {
      assertThat(BlockCodecs.of(type).type()).isEqualTo(type);
    } else {
      assertThatThrownBy(() -> BlockCodecs.of(type))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(type.name());
    }
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void decodes_arbitrary_bytes(BlockCodec codec) {
    byte[] blocks = new byte[1000 * codec.type().blockBytes()];
    new Random(SEED).nextBytes(blocks);
    float[] out = new float[1000 * codec.type().blockElements()];
    codec.decode(MemorySegment.ofArray(blocks), 0, 1000, out, 0);
    Arrays.fill(blocks, (byte) 0xff);
    codec.decode(MemorySegment.ofArray(blocks), 0, 1000, out, 0);
    Arrays.fill(blocks, (byte) 0);
    codec.decode(MemorySegment.ofArray(blocks), 0, 1000, out, 0);
    for (float v : out) {
      assertThat(v == 0).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void decodes_from_any_byte_of_mapped_memory_and_touches_nothing_else(BlockCodec codec) {
    int n = codec.type().blockElements();
    int bytes = codec.type().blockBytes();
    byte[] blocks = new byte[7 * bytes];
    new Random(SEED).nextBytes(blocks);
    float[] all = new float[7 * n];
    codec.decode(MemorySegment.ofArray(blocks), 0, 7, all, 0);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment odd = arena.allocate(blocks.length + 3);
      MemorySegment.copy(MemorySegment.ofArray(blocks), 0, odd, 3, blocks.length);
      float[] some = new float[5 * n];
      Arrays.fill(some, -1);
      codec.decode(odd, 3 + 2L * bytes, 3, some, n);
      assertThat(Arrays.copyOfRange(some, n, 4 * n))
          .isEqualTo(Arrays.copyOfRange(all, 2 * n, 5 * n));
      assertThat(Arrays.copyOf(some, n)).containsOnly(-1);
      assertThat(Arrays.copyOfRange(some, 4 * n, 5 * n)).containsOnly(-1);
    }
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void refuses_blocks_that_are_not_there(BlockCodec codec) {
    MemorySegment one = MemorySegment.ofArray(new byte[codec.type().blockBytes()]);
    float[] out = new float[2 * codec.type().blockElements()];
    assertThatThrownBy(() -> codec.decode(one, 0, 2, out, 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> codec.decode(one, 0, 1, new float[1], 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @ParameterizedTest
  @MethodSource("writers")
  void encodes_each_row_on_its_own_at_any_place(BlockCodec codec) {
    int cols = 5 * 256;
    float[] x = normal(2 * cols);
    float[] importance = normal(cols);
    for (int i = 0; i < cols; i++) {
      importance[i] *= importance[i];
    }
    int bytes = cols / codec.type().blockElements() * codec.type().blockBytes();
    float[] shifted = new float[3 + cols];
    System.arraycopy(x, cols, shifted, 3, cols);
    float[] shiftedImportance = new float[1 + cols];
    System.arraycopy(importance, 0, shiftedImportance, 1, cols);
    for (boolean weighted : new boolean[] {false, true}) {
      byte[] both = new byte[2 * bytes];
      codec.encodeRow(x, 0, cols, weighted ? importance : null, 0, both, 0);
      codec.encodeRow(x, cols, cols, weighted ? importance : null, 0, both, bytes);
      byte[] second = new byte[5 + bytes + 5];
      Arrays.fill(second, (byte) 0x5a);
      codec.encodeRow(shifted, 3, cols, weighted ? shiftedImportance : null, 1, second, 5);
      assertThat(Arrays.copyOfRange(second, 5, 5 + bytes))
          .isEqualTo(Arrays.copyOfRange(both, bytes, 2 * bytes));
      assertThat(Arrays.copyOf(second, 5)).containsOnly(0x5a);
      assertThat(Arrays.copyOfRange(second, 5 + bytes, 10 + bytes)).containsOnly(0x5a);
    }
  }

  @ParameterizedTest
  @MethodSource("writers")
  void encodes_what_cannot_be_said_without_failing(BlockCodec codec) {
    float[] x = normal(512);
    x[3] = Float.NaN;
    x[40] = Float.POSITIVE_INFINITY;
    x[300] = -Float.MAX_VALUE;
    byte[] out = new byte[512 / codec.type().blockElements() * codec.type().blockBytes()];
    codec.encodeRow(x, 0, 512, null, 0, out, 0);
    codec.encodeRow(x, 0, 512, new float[512], 0, out, 0);
    assertThat(out).isNotNull();
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void refuses_a_row_that_is_no_whole_number_of_blocks(BlockCodec codec) {
    int cols = codec.type().blockElements() + 1;
    assertThatThrownBy(() -> codec.encodeRow(new float[cols], 0, cols, null, 0, new byte[999], 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void codebook_types_are_only_read() {
    float[] x = new float[256];
    assertThat(BlockCodecs.ALL).filteredOn(c -> !c.writes()).hasSize(7);
    for (BlockCodec codec : BlockCodecs.ALL) {
      if (!codec.writes()) {
        assertThatThrownBy(() -> codec.encodeRow(x, 0, 256, null, 0, new byte[256], 0))
            .isInstanceOf(UnsupportedOperationException.class)
            .hasMessageContaining(codec.type().name());
      }
    }
  }

  private static float[] normal(int n) {
    Random random = new Random(SEED);
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }
}
