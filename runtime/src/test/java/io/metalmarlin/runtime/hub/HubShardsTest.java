package io.metalmarlin.runtime.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.safetensors.StreamedShards;
import io.metalmarlin.formats.testing.FakeHub;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Shards that come when they are asked for and go when nobody needs them any more.
class HubShardsTest extends HubFixture {
  private static final int SIZE = 400_000;

  @BeforeEach
  void shards() {
    hub.files.remove(WEIGHTS);
    hub.files.put("m-1.safetensors", shard("a", 1));
    hub.files.put("m-2.safetensors", shard("b", 2));
    hub.files.put(
        "model.safetensors.index.json",
        text("{\"weight_map\": {\"a\": \"m-1.safetensors\", \"b\": \"m-2.safetensors\"}}"));
  }

  private static byte[] shard(String tensor, long seed) {
    byte[] header =
        text(
            "{\"%s\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]}}"
                .formatted(tensor, SIZE, SIZE));
    return ByteBuffer.allocate(8 + header.length + SIZE)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .put(random(SIZE, seed))
        .array();
  }

  private StreamedShards open() {
    return new StreamedShards(
        new HubDownload(HubSettings.of(variables), QUICK, DownloadListener.NOBODY, () -> false)
            .shards(NAME)
            .orElseThrow());
  }

  @Test
  void headersAreKnownBeforeAnyShardIsHere() {
    try (StreamedShards shards = open()) {
      assertThat(shards.tensors().keySet()).containsExactly("a", "b");
      assertThat(hub.sent.get()).isLessThan(2 * (1 << 16) + 2000);
      assertThat(shards.digest(shards.file("a")).orElseThrow().sha256())
          .isEqualTo(FakeHub.sha256(hub.files.get("m-1.safetensors")));
    }
  }

  @Test
  void aShardLeavesTheDiskWhenItsTensorsAreNoLongerNeeded() throws IOException {
    try (StreamedShards shards = open()) {
      assertThat(shards.bytes("a").toArray(java.lang.foreign.ValueLayout.JAVA_BYTE))
          .isEqualTo(random(SIZE, 1));
      assertThat(snapshot("m-1.safetensors")).exists();
      assertThat(snapshot("m-2.safetensors")).doesNotExist();
      shards.keepOnly(Set.of("b"));
      assertThat(snapshot("m-1.safetensors")).doesNotExist();
      assertThat(blob("m-1.safetensors")).doesNotExist();
      assertThat(shards.bytes("b").byteSize()).isEqualTo(SIZE);
      shards.keepOnly(Set.of("b"));
      assertThat(blob("m-2.safetensors")).exists();
      assertThat(shards.bytes("a").byteSize()).as("asked for once more").isEqualTo(SIZE);
      shards.keepOnly(Set.of());
    }
    assertThat(repository().resolve("blobs").toFile().list((d, n) -> n.length() > 40)).isEmpty();
    assertThat(hub.sent.get()).as("the header is not fetched twice").isLessThan(3 * SIZE + 5000);
  }

  @Test
  void aShardThatAnotherProgramFetchedIsLeftWithoutAWord() throws IOException {
    try (StreamedShards shards = open()) {
      shards.bytes("a");
      Files.delete(blob("m-1.safetensors"));
      Files.write(blob("m-1.safetensors"), hub.files.get("m-1.safetensors"));
      shards.keepOnly(Set.of("b"));
      assertThat(snapshot("m-1.safetensors")).exists();
    }
  }

  @Test
  void aShardThatAnotherRevisionUsesStays() throws IOException {
    fetch();
    Files.createDirectories(repository().resolve("snapshots").resolve("f".repeat(40)));
    Files.createSymbolicLink(
        repository().resolve("snapshots").resolve("f".repeat(40)).resolve("m-1.safetensors"),
        java.nio.file.Path.of("../../blobs", blob("m-1.safetensors").getFileName().toString()));
    assertThat(OwnShards.objection(cache, NAME, java.util.List.of(snapshot("m-1.safetensors"))))
        .hasValueSatisfying(o -> assertThat(o).contains("another cached revision"));
    assertThat(OwnShards.objection(cache, NAME, java.util.List.of(snapshot("m-2.safetensors"))))
        .isEmpty();
  }
}
