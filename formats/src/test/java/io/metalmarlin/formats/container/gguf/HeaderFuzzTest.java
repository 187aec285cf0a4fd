package io.metalmarlin.formats.container.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
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
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Damaged files end in a GgufException or in a checkpoint whose every byte can be read.
class HeaderFuzzTest {
  private static final long[] EDGES = {
    -1,
    0,
    1,
    2,
    0x7f,
    0xff,
    1L << 31,
    (1L << 31) - 1,
    1L << 32,
    1L << 61,
    1L << 62,
    1L << 63,
    Long.MAX_VALUE,
    Long.MAX_VALUE - 31
  };

  @TempDir Path folder;
  private int files;

  /// A file with every kind of value and a few kinds of tensors.
  private static byte[] sound(ByteOrder order) {
    RawGguf g = RawGguf.header(order, 4, 16);
    for (int type : new int[] {0, 1, 7}) {
      g.string("one" + type).u32(type).raw((byte) 1);
    }
    g.string("two2").u32(2).u16(77).string("two3").u32(3).u16(-7);
    for (int type : new int[] {4, 5, 6}) {
      g.string("four" + type).u32(type).u32(12345);
    }
    for (int type : new int[] {10, 11, 12}) {
      g.string("eight" + type).u32(type).u64(1L << 40);
    }
    g.text("s", "text").string("ss").u32(9).u32(8).u64(2).string("a").string("");
    g.string("ns").u32(9).u32(5).u64(3).u32(1).u32(2).u32(3);
    g.string("bs").u32(9).u32(7).u64(3).raw((byte) 0, (byte) 1, (byte) 1);
    g.string("general.alignment").u32(4).u32(32);
    g.tensor("a", 0, 0, 5, 2)
        .tensor("b", 2, 64, 32, 1)
        .tensor("c", 12, 96, 256)
        .tensor("d", 24, 256);
    return g.pad(32).raw(new byte[288]).bytes();
  }

  /// Opens and reads everything; anything but a GgufException escapes.
  private boolean opens(byte[] content) {
    // A new file each time: some file systems flush a file that is cut and rewritten.
    Path file = folder.resolve(files++ + ".gguf");
    try {
      Files.write(file, content);
      try (Checkpoint c = Gguf.INSTANCE.open(file)) {
        for (String name : c.tensors().keySet()) {
          byte[] read = c.bytes(name).toArray(ValueLayout.JAVA_BYTE);
          assertThat(read.length).isEqualTo((int) c.tensors().get(name).byteSize());
        }
        return true;
      } finally {
        Files.delete(file);
      }
    } catch (GgufException e) {
      assertThat(e.getMessage()).isNotBlank();
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ByteOrder order(boolean big) {
    return big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_file_cut_at_any_byte_is_refused(boolean big) {
    byte[] whole = sound(order(big));
    assertThat(opens(whole)).isTrue();
    for (int length = 0; length < whole.length; length++) {
      assertThat(opens(Arrays.copyOf(whole, length))).as("cut at %d", length).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void one_changed_byte_never_escapes_as_anything_but_a_GgufException(boolean big) {
    byte[] whole = sound(order(big));
    for (int at = 0; at < whole.length - 288; at++) {
      for (int value : new int[] {0, 1, 9, 0x7f, 0x80, 0xff}) {
        byte[] damaged = whole.clone();
        damaged[at] = (byte) value;
        opens(damaged);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void seeded_mutations_never_escape_and_allocate_little(boolean big) {
    long seed = 20260102;
    SplittableRandom random = new SplittableRandom(seed);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    byte[] sound = sound(order(big));
    opens(sound);
    for (int round = 0; round < 4000; round++) {
      byte[] damaged = mutate(sound, order(big), random);
      long before = threads.getCurrentThreadAllocatedBytes();
      opens(damaged);
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      // All objects of one opening together; a size taken from the file would exceed it at once.
      assertThat(allocated).as("seed %d round %d", seed, round).isLessThan(1 << 20);
    }
  }

  /// Numbers of 1, 4 or 8 bytes replaced, bytes cut out or put in.
  private static byte[] mutate(byte[] file, ByteOrder order, SplittableRandom random) {
    byte[] out = file.clone();
    int header = file.length - 288;
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      int at = 4 + random.nextInt(header - 12);
      ByteBuffer b = ByteBuffer.wrap(out).order(order);
      long edge = EDGES[random.nextInt(EDGES.length)];
      switch (random.nextInt(5)) {
        case 0 -> b.put(at, (byte) random.nextInt());
        case 1 -> b.putInt(at, (int) edge);
        case 2 -> b.putLong(at, edge);
        case 3 -> {
          byte[] cut = new byte[out.length - 4];
          System.arraycopy(out, 0, cut, 0, at);
          System.arraycopy(out, at + 4, cut, at, cut.length - at);
          out = cut;
        }
        default -> {
          byte[] grown = new byte[out.length + 4];
          System.arraycopy(out, 0, grown, 0, at);
          System.arraycopy(out, at, grown, at + 4, out.length - at);
          out = grown;
        }
      }
    }
    return out;
  }
}
