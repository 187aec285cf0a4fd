package io.metalmarlin.quant.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.FileDigest;
import io.metalmarlin.formats.container.FileSum;
import io.metalmarlin.formats.container.safetensors.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class SourceMarkTest {
  private static final String BLOB = "0123456789abcdef".repeat(4);

  @TempDir Path folder;

  private Path file;

  @BeforeEach
  void checkpoint() {
    Safetensors.INSTANCE.create(folder, List.of(), Map.of(), 1 << 20).close();
    file = folder.resolve("model.safetensors");
  }

  private static String entry(SourceMark mark) {
    ObjectNode node = JsonMapper.shared().createObjectNode();
    mark.write(node);
    return node.toString();
  }

  private SourceMark mark(Path folder, boolean digest) {
    try (Checkpoint checkpoint = Safetensors.INSTANCE.open(folder)) {
      return SourceMark.of(checkpoint, checkpoint.files().getFirst(), digest, () -> {});
    }
  }

  @Test
  void is_a_crc_unless_a_digest_is_asked_for() {
    FileDigest digest = FileDigest.of(file);
    String head = "{\"file\":\"model.safetensors\",\"bytes\":%d,".formatted(digest.bytes());
    assertThat(entry(mark(folder, false)))
        .isEqualTo(head + "\"crc32c\":\"" + FileSum.of(file).crc32c() + "\"}");
    assertThat(entry(mark(folder, true)))
        .isEqualTo(head + "\"sha256\":\"" + digest.sha256() + "\"}");
  }

  @Test
  void of_a_file_in_the_hubs_cache_has_its_name_there_beside_the_crc() throws IOException {
    Path blobs = Files.createDirectories(folder.resolve("models--a--b/blobs"));
    Path snapshot = Files.createDirectories(folder.resolve("models--a--b/snapshots/c"));
    Files.move(file, blobs.resolve(BLOB));
    Files.createSymbolicLink(snapshot.resolve("model.safetensors"), blobs.resolve(BLOB));

    SourceMark mark = mark(snapshot, false);

    assertThat(mark.name()).isEqualTo("model.safetensors");
    assertThat(mark.hubSha256()).contains(BLOB);
    assertThat(mark.crc32c()).isPresent();
    assertThat(mark.sha256()).isEmpty();
  }
}
