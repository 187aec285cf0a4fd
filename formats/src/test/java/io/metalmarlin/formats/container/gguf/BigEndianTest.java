package io.metalmarlin.formats.container.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Big-endian files give what the little-endian ones give.
class BigEndianTest {
  @TempDir Path folder;

  private GgufCheckpoint open(RawGguf g) throws IOException {
    return Gguf.INSTANCE.open(Files.write(folder.resolve("big.gguf"), g.bytes()));
  }

  private static RawGguf header(long tensors, long keys) {
    return RawGguf.header(ByteOrder.BIG_ENDIAN, tensors, keys);
  }

  @Test
  void metadata_and_shapes_are_read() throws IOException {
    RawGguf g =
        header(1, 3)
            .text("general.name", "big")
            .string("n")
            .u32(4)
            .u32(70000)
            .string("a")
            .u32(9)
            .u32(3)
            .u64(2)
            .u16(-2)
            .u16(515)
            .tensor("t", 1, 0, 3, 2)
            .pad(32)
            .raw(new byte[32]);
    try (GgufCheckpoint c = open(g)) {
      assertThat(c.typedMetadata().text("general.name")).contains("big");
      assertThat(c.typedMetadata().whole("n")).hasValue(70000);
      assertThat(c.typedMetadata().numbers("a").orElseThrow().ints()).containsExactly(-2, 515);
      assertThat(c.tensors().get("t").shape()).containsExactly(2L, 3L);
    }
  }

  /// In the block, a letter pair stands for a field that a big-endian machine stores the other way
  /// round; which fields these are follows from the structs in ggml-common.h.
  @ParameterizedTest
  @CsvSource({
    "0, 4, 4",
    "1, 2, 2",
    "30, 2, 2",
    "28, 8, 8",
    "24, 1, 1",
    "2, 18, 2 1*16",
    "3, 20, 2 2 1*16",
    "6, 22, 2 4 1*16",
    "7, 24, 2 2 4 1*16",
    "8, 34, 2 1*32",
    "9, 36, 2 2 1*32",
    "10, 84, 1*80 2 2",
    "11, 110, 1*108 2",
    "12, 144, 2 2 1*140",
    "13, 176, 2 2 1*172",
    "14, 210, 1*208 2",
    "15, 292, 4 1*256 2*16",
    "16, 66, 2 1*4 4 1*4 4 1*4 4 1*4 4 1*4 4 1*4 4 1*4 4 1*4 4",
    "17, 74, 2 2*32 1*8",
    "18, 98, 2 1*64 4*8",
    "19, 50, 2 1*32 2*8",
    "20, 18, 2 1*16",
    "21, 110, 2 1*108",
    "22, 82, 2 1*80",
    "23, 136, 2 2 1*132",
    "29, 56, 1*48 2*4",
    "34, 54, 1*52 2",
    "35, 66, 1*64 2",
    "39, 17, 1*17",
    "40, 36, 1*36",
    "41, 18, 2 1*16",
    "42, 18, 2 1*16"
  })
  void fields_wider_than_a_byte_are_turned(int type, int blockBytes, String fields)
      throws IOException {
    byte[] little = new byte[2 * blockBytes];
    for (int i = 0; i < little.length; i++) {
      little[i] = (byte) (i * 37 + 11);
    }
    byte[] big = new byte[little.length];
    int at = 0;
    for (int block = 0; block < 2; block++) {
      for (String field : fields.split(" ")) {
        String[] widthAndCount = (field + "*1").split("\\*");
        int width = Integer.parseInt(widthAndCount[0]);
        for (int n = Integer.parseInt(widthAndCount[1]); n > 0; n--, at += width) {
          for (int i = 0; i < width; i++) {
            big[at + i] = little[at + width - 1 - i];
          }
        }
      }
    }
    assertThat(at).as("the fields fill the block").isEqualTo(little.length);
    int elements = GgmlTypes.of(type).orElseThrow().blockElements();
    RawGguf g = header(1, 0).tensor("t", type, 0, elements, 2).pad(32).raw(big).pad(32);
    try (GgufCheckpoint c = open(g)) {
      byte[] read = c.bytes("t").toArray(ValueLayout.JAVA_BYTE);
      assertThat(HexFormat.of().formatHex(read)).isEqualTo(HexFormat.of().formatHex(little));
    }
  }

  @Test
  void the_magic_may_be_swapped_too() throws IOException {
    byte[] file = header(0, 0).pad(32).bytes();
    byte[] magic = {'F', 'U', 'G', 'G'};
    System.arraycopy(magic, 0, file, 0, 4);
    Gguf.INSTANCE.open(Files.write(folder.resolve("s.gguf"), file)).close();
  }
}
