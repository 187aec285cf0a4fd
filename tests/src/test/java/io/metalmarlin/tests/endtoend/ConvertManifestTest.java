package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.FileSum;
import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Folders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// What the manifest of a conversion says of the files that went in and came out.
class ConvertManifestTest {
  @TempDir Path work;

  private final Path source = Shared.path("packs", "ct", "NVFP4A16-2l");
  private final Path weights = source.resolve("model.safetensors");

  private JsonNode manifest(Object... flags) throws IOException {
    Path out = work.resolve("out");
    Object[] command = {"convert", source, "-o", out, "--to", "modelopt", "--overwrite"};
    Object[] all = Arrays.copyOf(command, command.length + flags.length);
    System.arraycopy(flags, 0, all, command.length, flags.length);
    Cli.run(all).ok();
    JsonNode manifest = new ObjectMapper().readTree(out.resolve("marlin-manifest.json").toFile());
    for (JsonNode file : manifest.get("output")) {
      assertThat(file.get("sha256").asString())
          .isEqualTo(Folders.sha256(out.resolve(file.get("file").asString())));
    }
    return manifest;
  }

  @Test
  void the_source_is_known_by_a_fast_sum() throws IOException {
    JsonNode entry = manifest().get("source").get(0);
    assertThat(entry.propertyNames()).containsExactly("file", "bytes", "crc32c");
    assertThat(entry.get("crc32c").asString()).isEqualTo(FileSum.of(weights).crc32c());
    assertThat(entry.get("bytes").asLong()).isEqualTo(FileSum.of(weights).bytes());
  }

  @Test
  void and_by_its_sha256_when_that_is_asked_for() throws IOException {
    JsonNode entry = manifest("--source-sha256").get("source").get(0);
    assertThat(entry.propertyNames()).containsExactly("file", "bytes", "sha256");
    assertThat(entry.get("sha256").asString()).isEqualTo(Folders.sha256(weights));
  }
}
