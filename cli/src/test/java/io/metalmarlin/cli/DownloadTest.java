package io.metalmarlin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.cli.out.Terminal;
import io.metalmarlin.formats.testing.FakeHub;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A model named `org/name`, from the command line to a server on this machine and back.
class DownloadTest {
  @TempDir private Path temp;
  private FakeHub hub;

  @BeforeEach
  void serve() {
    hub = new FakeHub();
    hub.files.put(
        "config.json",
        utf8("{\"model_type\":\"x\",\"auto_map\":{\"AutoModel\":\"modeling_x.X\"}}"));
    hub.files.put("modeling_x.py", utf8("raise SystemExit"));
    hub.files.put("model.safetensors", weights("w"));
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// A file with one F32 vector of two elements.
  private static byte[] weights(String tensor) {
    byte[] header =
        utf8("{\"" + tensor + "\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}");
    return ByteBuffer.allocate(8 + header.length + 8)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .putFloat(tensor.hashCode())
        .putFloat(2)
        .array();
  }

  private void shard() {
    hub.files.remove("model.safetensors");
    hub.files.put("model-1.safetensors", weights("a.weight"));
    hub.files.put("model-2.safetensors", weights("b.weight"));
    hub.files.put(
        "model.safetensors.index.json",
        utf8(
            "{\"weight_map\":{\"a.weight\":\"model-1.safetensors\",\"b.weight\":\"model-2.safetensors\"}}"));
  }

  private CommandLineRun marlin(String... arguments) {
    return CommandLineRun.in(
        temp,
        Terminal.NONE,
        Map.of("HF_ENDPOINT", hub.endpoint(), "HF_HOME", temp.toString(), "HF_TOKEN", "hf_secret"),
        arguments);
  }

  private List<String> cachedWeights() throws IOException {
    try (Stream<Path> all = Files.walk(temp.resolve("hub"))) {
      return all.map(p -> p.getFileName().toString())
          .filter(n -> n.endsWith(".safetensors") || n.endsWith(".incomplete"))
          .toList();
    }
  }

  @Test
  void a_model_is_fetched_once_and_then_found_without_the_network() {
    hub.bare = true;
    hub.always(
        "config.json",
        (e, content) -> {
          e.getResponseHeaders().set("ETag", "\"made-up\"");
          hub.send(e, content);
          return true;
        });
    CommandLineRun first = marlin("inspect", "org/name", "--json");
    assertThat(first.exit()).as(first.err()).isZero();
    assertThat(first.err()).startsWith("downloading org/name at 0123456789ab: 2 files, ");
    assertThat(first.json().path("status").stringValue()).isEqualTo("ok");
    assertThat(first.json().path("warnings").toString())
        .contains("W104", "modeling_x.X", "W105", "config.json");
    assertThat(first.out() + first.err()).doesNotContain("hf_secret");
    assertThat(hub.requests).noneMatch(r -> r.path().endsWith(".py"));
    hub.requests.clear();
    assertThat(marlin("inspect", "org/name").exit()).isZero();
    assertThat(marlin("inspect", "org/name", "--offline").exit()).isZero();
    assertThat(hub.requests).isEmpty();
  }

  @Test
  void offline_asks_nobody_and_says_what_is_missing() {
    CommandLineRun run = marlin("inspect", "org/name", "--offline");
    assertThat(run.exit()).isEqualTo(7);
    assertThat(run.err()).startsWith("error[E701] org/name: ").contains("models--org--name");
    assertThat(hub.requests).isEmpty();
  }

  @Test
  void a_name_that_nobody_knows_is_neither_here_nor_there() {
    hub.always("api", FakeHub.status(404, "X-Error-Code", "RepoNotFound"));
    CommandLineRun run = marlin("plan", "org/other");
    assertThat(run.exit()).isEqualTo(7);
    assertThat(run.err()).contains("error[E70").doesNotContain("hf_secret");
  }

  @Test
  void shards_are_converted_one_after_the_other_and_leave_the_cache() throws IOException {
    shard();
    CommandLineRun whole =
        marlin("convert", "org/name", "-o", temp.resolve("whole").toString(), "--to", "hf");
    assertThat(whole.exit()).as(whole.err()).isZero();
    assertThat(cachedWeights()).hasSize(2);
    Files.walk(temp.resolve("hub"))
        .sorted(java.util.Comparator.reverseOrder())
        .forEach(p -> p.toFile().delete());
    hub.requests.clear();
    CommandLineRun streamed =
        marlin(
            "convert",
            "org/name",
            "-o",
            temp.resolve("streamed").toString(),
            "--to",
            "hf",
            "--delete-source-shards");
    assertThat(streamed.exit()).as(streamed.err()).isZero();
    assertThat(cachedWeights()).isEmpty();
    assertThat(temp.resolve("streamed/model.safetensors"))
        .hasSameBinaryContentAs(temp.resolve("whole/model.safetensors"));
    assertThat(temp.resolve("hub/models--org--name/refs/main")).doesNotExist();
  }

  @Test
  void a_download_that_is_whole_leaves_the_cache_after_the_conversion() throws IOException {
    shard();
    assertThat(marlin("inspect", "org/name").exit()).isZero();
    CommandLineRun run =
        marlin(
            "convert",
            "org/name",
            "-o",
            temp.resolve("out").toString(),
            "--to",
            "hf",
            "--delete-source-shards");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.err()).contains("deleted the source's weights from the cache");
    assertThat(cachedWeights()).isEmpty();
  }

  @Test
  void weights_that_marlin_did_not_fetch_stay() throws IOException {
    shard();
    assertThat(marlin("inspect", "org/name").exit()).isZero();
    try (Stream<Path> marks = Files.list(temp.resolve("hub/models--org--name/.marlin"))) {
      marks.forEach(p -> p.toFile().delete());
    }
    CommandLineRun run =
        marlin(
            "convert",
            "org/name",
            "-o",
            temp.resolve("out").toString(),
            "--to",
            "hf",
            "--delete-source-shards");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("was not put into the cache by marlin");
    assertThat(cachedWeights()).hasSize(2);
  }

  @Test
  void a_folder_of_ones_own_is_never_deleted() throws IOException {
    Path folder = Files.createDirectory(temp.resolve("model"));
    Files.write(folder.resolve("config.json"), hub.files.get("config.json"));
    Files.write(folder.resolve("model.safetensors"), hub.files.get("model.safetensors"));
    CommandLineRun run =
        marlin(
            "convert",
            folder.toString(),
            "-o",
            temp.resolve("out").toString(),
            "--to",
            "hf",
            "--delete-source-shards");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(folder.resolve("model.safetensors")).exists();
  }
}
