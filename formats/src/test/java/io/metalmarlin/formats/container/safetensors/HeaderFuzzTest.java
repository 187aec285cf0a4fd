package io.metalmarlin.formats.container.safetensors;

import static io.metalmarlin.formats.container.safetensors.RawFile.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Damaged files end in a MarlinException or in a checkpoint whose every byte can be read.
class HeaderFuzzTest {
  private static final List<String> TOKENS =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          "\"",
          "null",
          "0",
          "-1",
          "1e9",
          "9223372036854775807",
          "18446744073709551615",
          "\\ud800",
          "\"dtype\"",
          "\"shape\"",
          "\"data_offsets\"",
          "\"__metadata__\"",
          "F4",
          "F32",
          "\0",
          "\u00ff",
          " ");

  @TempDir Path folder;
  private int files;

  private static byte[] sound() {
    String header =
        "{\"__metadata__\":{\"format\":\"pt\"},"
            + entry("a", "F32", "[2,3]", 0, 24)
            + ","
            + entry("b", "BF16", "[4]", 24, 32)
            + ","
            + entry("c", "U8", "[0]", 32, 32)
            + ","
            + entry("d", "F4", "[6]", 32, 35)
            + "}";
    return RawFile.of(header, 35);
  }

  /// Opens and reads everything; anything but a MarlinException escapes.
  private boolean opens(byte[] content) {
    // A new file each time: some file systems flush a file that is cut and rewritten.
    Path file = folder.resolve(files++ + ".safetensors");
    try {
      Files.write(file, content);
      try (Checkpoint c = Safetensors.INSTANCE.open(file)) {
        for (String name : c.tensors().keySet()) {
          byte[] read = c.bytes(name).toArray(ValueLayout.JAVA_BYTE);
          assertThat(read.length).isEqualTo((int) c.tensors().get(name).byteSize());
        }
        return true;
      } finally {
        Files.delete(file);
      }
    } catch (MarlinException e) {
      assertThat(e.getMessage()).isNotBlank();
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void a_file_cut_at_any_byte_is_refused() {
    byte[] whole = sound();
    assertThat(opens(whole)).isTrue();
    for (int length = 0; length < whole.length; length++) {
      assertThat(opens(Arrays.copyOf(whole, length))).as("cut at %d", length).isFalse();
    }
  }

  @Test
  void one_changed_byte_never_escapes_as_anything_but_a_MarlinException() {
    byte[] whole = sound();
    for (int at = 0; at < whole.length - 35; at++) {
      for (int value : new int[] {0, '"', '{', '9', 0x80, 0xff}) {
        byte[] damaged = whole.clone();
        damaged[at] = (byte) value;
        opens(damaged);
      }
    }
  }

  @Test
  void seeded_mutations_never_escape_and_allocate_little() {
    long seed = 20260101;
    SplittableRandom random = new SplittableRandom(seed);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    opens(sound());
    for (int round = 0; round < 4000; round++) {
      byte[] damaged = mutate(sound(), random);
      long before = threads.getCurrentThreadAllocatedBytes();
      opens(damaged);
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      // All objects of one opening together; a size taken from the file would exceed it at once.
      assertThat(allocated).as("seed %d round %d", seed, round).isLessThan(4 << 20);
    }
  }

  private static byte[] mutate(byte[] file, SplittableRandom random) {
    byte[] header = Arrays.copyOfRange(file, 8, file.length - 35);
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      int at = random.nextInt(header.length + 1);
      int cut = Math.min(header.length - at, random.nextInt(6));
      byte[] token =
          TOKENS
              .get(random.nextInt(TOKENS.size()))
              .getBytes(
                  random.nextBoolean()
                      ? java.nio.charset.StandardCharsets.UTF_8
                      : java.nio.charset.StandardCharsets.ISO_8859_1);
      ByteBuffer b = ByteBuffer.allocate(header.length - cut + token.length);
      b.put(header, 0, at).put(token).put(header, at + cut, header.length - at - cut);
      header = b.array();
    }
    ByteBuffer whole = ByteBuffer.allocate(8 + header.length + 35).order(ByteOrder.LITTLE_ENDIAN);
    whole.putLong(
        random.nextInt(10) == 0 ? random.nextLong() >>> random.nextInt(64) : header.length);
    return whole.put(header).array();
  }
}
