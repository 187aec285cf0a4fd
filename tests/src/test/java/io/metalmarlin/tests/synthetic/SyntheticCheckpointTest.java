package io.metalmarlin.tests.synthetic;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyntheticCheckpointTest {
  @TempDir Path folder;

  @Test
  void the_same_seed_gives_the_same_bytes() throws IOException {
    SyntheticCheckpoint.write(folder.resolve("a"), shape(), 7, Long.MAX_VALUE, tokenizer());
    SyntheticCheckpoint.write(folder.resolve("b"), shape(), 7, Long.MAX_VALUE, tokenizer());
    SyntheticCheckpoint.write(folder.resolve("c"), shape(), 8, Long.MAX_VALUE, tokenizer());
    assertThat(model("a")).hasSameBinaryContentAs(model("b"));
    assertThat(Files.mismatch(model("a"), model("c"))).isPositive();
  }

  @Test
  void a_file_is_as_long_as_its_header_says() throws IOException {
    SyntheticCheckpoint.write(folder.resolve("a"), shape(), 7, Long.MAX_VALUE, tokenizer());
    byte[] bytes = Files.readAllBytes(model("a"));
    long header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    assertThat(bytes).hasSize(Math.toIntExact(8 + header + shape().bytes()));
  }

  @Test
  void shards_stay_below_their_limit_and_the_index_names_every_tensor() throws IOException {
    SyntheticCheckpoint.write(folder.resolve("a"), shape(), 7, 100_000, tokenizer());
    String index = Files.readString(folder.resolve("a/model.safetensors.index.json"));
    assertThat(index).contains(shape().tensors().keySet());
    assertThat(folder.resolve("a").toFile().listFiles((d, n) -> n.endsWith(".safetensors")))
        .hasSizeGreaterThan(2)
        .allSatisfy(f -> assertThat(f.length()).isLessThan(110_000));
  }

  @Test
  void asks_for_just_enough_layers() {
    SyntheticShape big = SyntheticShape.atLeast("llama", 4L << 30, 8192);
    assertThat(big.bytes()).isGreaterThanOrEqualTo(4L << 30);
    assertThat(big.withLayers(big.layers() - 1).bytes()).isLessThan(4L << 30);
  }

  private static SyntheticShape shape() {
    return SyntheticShape.small("qwen3");
  }

  private static Path tokenizer() {
    return Shared.path("packs", "base", "qwen3-2l");
  }

  private Path model(String name) {
    return folder.resolve(name).resolve("model.safetensors");
  }
}
