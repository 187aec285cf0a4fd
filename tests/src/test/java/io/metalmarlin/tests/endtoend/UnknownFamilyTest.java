package io.metalmarlin.tests.endtoend;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Folders;
import io.metalmarlin.tests.support.RawCheckpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A family that is not known is rounded with the same bytes as one that is.
class UnknownFamilyTest {
  @TempDir Path work;

  @Test
  void is_rounded_like_a_known_one() throws IOException {
    Path known = Models.twoBlocks();
    Path unknown = Folders.copy(known, work.resolve("unknown"));
    Path config = unknown.resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("\"qwen3\"", "\"something_else\""));
    Path a = work.resolve("a");
    Path b = work.resolve("b");
    Cli.run(Models.quantize(known, a, "--method", "rtn")).ok();
    Cli.run(Models.quantize(unknown, b, "--method", "rtn")).ok();
    assertThat(tensors(b)).isEqualTo(tensors(a));
  }

  @Test
  void two_towers_with_modules_of_the_same_names_have_scales_of_their_own() throws IOException {
    Path one = Folders.copy(Models.twoBlocks(), work.resolve("one"));
    Path config = one.resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("\"qwen3\"", "\"something_else\""));
    Path two = Folders.copy(one, work.resolve("two"));
    addTower(two.resolve("model.safetensors"));
    Path a = work.resolve("a");
    Path b = work.resolve("b");
    Cli.run(Models.quantize(one, a, "--method", "rtn")).ok();
    Cli.run(Models.quantize(two, b, "--method", "rtn")).ok();
    assertThat(tensors(b)).containsAllEntriesOf(tensors(a));
  }

  /// A k_proj of large weights that no runtime fuses with the language model's q_proj.
  private static void addTower(Path safetensors) throws IOException {
    ByteBuffer old = ByteBuffer.wrap(Files.readAllBytes(safetensors)).order(LITTLE_ENDIAN);
    int length = Math.toIntExact(old.getLong(0));
    String header = new String(old.array(), 8, length, StandardCharsets.UTF_8).strip();
    int data = old.capacity() - 8 - length;
    int weights = 64 * 128;
    String tower =
        ",\"vision.layers.0.self_attn.k_proj.weight\":{\"dtype\":\"BF16\",\"shape\":[64,128],"
            + "\"data_offsets\":[%d,%d]}}".formatted(data, data + 2 * weights);
    String text = header.substring(0, header.length() - 1) + tower;
    text += " ".repeat(-text.length() & 7);
    ByteBuffer out =
        ByteBuffer.allocate(8 + text.length() + data + 2 * weights).order(LITTLE_ENDIAN);
    out.putLong(text.length()).put(text.getBytes(StandardCharsets.UTF_8));
    out.put(old.array(), 8 + length, data);
    for (int i = 0; i < weights; i++) {
      out.putShort((short) (Float.floatToRawIntBits(100 + i % 7) >>> 16));
    }
    Files.write(safetensors, out.array());
  }

  private static Map<String, ByteBuffer> tensors(Path folder) throws IOException {
    Map<String, ByteBuffer> all = new TreeMap<>();
    RawCheckpoint.of(folder)
        .tensors()
        .forEach((name, t) -> all.put(name, ByteBuffer.wrap(t.data())));
    return all;
  }
}
