package io.metalmarlin.runtime.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.testing.FakeHub;
import io.metalmarlin.runtime.source.ModelSource;
import io.metalmarlin.runtime.source.ResolvedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a download leaves in the cache, and what it leaves on the hub.
class HubDownloadTest extends HubFixture {
  private List<String> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .map(f -> folder.relativize(f).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void theCacheIsLaidOutAsItsLibraryDoes() throws IOException {
    assertThat(fetch()).isEqualTo(FakeHub.COMMIT);
    assertThat(files(repository().resolve("snapshots")))
        .containsExactly(
            FakeHub.COMMIT + "/config.json",
            FakeHub.COMMIT + "/model.safetensors",
            FakeHub.COMMIT + "/tokenizer.json");
    assertThat(Files.readSymbolicLink(snapshot(WEIGHTS)))
        .isEqualTo(Path.of("../../blobs", blob(WEIGHTS).getFileName().toString()));
    assertThat(Files.readAllBytes(snapshot(WEIGHTS))).isEqualTo(hub.files.get(WEIGHTS));
    assertThat(Files.readAllBytes(blob("config.json"))).isEqualTo(hub.files.get("config.json"));
    assertThat(Files.readString(repository().resolve("refs/main"))).isEqualTo(FakeHub.COMMIT);
    assertThat(cache.resolve("CACHEDIR.TAG")).exists();
    assertThat(files(repository().resolve("blobs"))).hasSize(3);
    assertThat(events).containsExactly("started 3 files 500021 bytes 0 present");
    assertThat(counted).hasValue(500021);
  }

  @Test
  void onlyNeededFilesAreAskedFor() {
    fetch();
    assertThat(hub.requests).extracting(FakeHub.Request::path).noneMatch(p -> p.endsWith(".py"));
    assertThat(hub.requests).extracting(FakeHub.Request::path).noneMatch(p -> p.endsWith(".bin"));
    assertThat(hub.requests)
        .extracting(FakeHub.Request::path)
        .noneMatch(p -> p.contains("consolidated"));
  }

  @Test
  void aLargeFileComesInRangesAndTheStoreIsAskedDirectlyOnceKnown() {
    fetch();
    List<FakeHub.Request> store =
        hub.requestsFor(WEIGHTS).stream().filter(r -> r.server().equals("store")).toList();
    assertThat(store).hasSize(8).allSatisfy(r -> assertThat(r.range()).startsWith("bytes="));
    assertThat(hub.requestsFor(WEIGHTS)).hasSizeLessThan(8 + 8);
    assertThat(hub.sent.get()).isLessThan(502_000);
  }

  @Test
  void shardsAreThoseThatTheIndexNames() throws IOException {
    hub.files.remove(WEIGHTS);
    hub.files.put(
        "model.safetensors.index.json",
        text("{\"weight_map\": {\"a\": \"x-1.safetensors\", \"b\": \"x-2.safetensors\"}}"));
    hub.files.put("x-1.safetensors", random(1000, 2));
    hub.files.put("x-2.safetensors", random(1000, 3));
    hub.files.put("x-3.safetensors", random(1000, 4));
    fetch();
    assertThat(snapshot("x-1.safetensors")).exists();
    assertThat(snapshot("x-2.safetensors")).exists();
    assertThat(snapshot("x-3.safetensors")).doesNotExist();
    assertThat(events).hasSize(2);
  }

  @Test
  void shardsThatTheRepositoryLacksAreNamed() {
    hub.files.remove(WEIGHTS);
    hub.files.put(
        "model.safetensors.index.json", text("{\"weight_map\": {\"a\": \"x-1.safetensors\"}}"));
    MarlinException e = failure();
    assertThat(e.code()).isEqualTo(ErrorCode.REPOSITORY_MISSING);
    assertThat(e).hasMessageContaining("x-1.safetensors");
  }

  @Test
  void picklesAreRefusedByNameBeforeAnythingIsWritten() {
    hub.files.keySet().removeIf(f -> f.endsWith(".safetensors"));
    MarlinException e = failure();
    assertThat(e.code()).isEqualTo(ErrorCode.REFUSED_FORMAT);
    assertThat(e).hasMessageContaining("pytorch_model.bin");
    assertThat(cache).doesNotExist();
  }

  @Test
  void filesAreInPlaceWhereLinksAreForbidden() throws IOException {
    variables.put("HF_HUB_DISABLE_SYMLINKS", "1");
    fetch();
    assertThat(Files.isRegularFile(snapshot(WEIGHTS), LinkOption.NOFOLLOW_LINKS)).isTrue();
    assertThat(files(repository().resolve("blobs"))).isEmpty();
    int before = hub.requests.size();
    fetch();
    assertThat(hub.requests).as("only the list is asked for").hasSize(before + 1);
  }

  @Test
  void whatIsThereIsNotRewritten() throws IOException {
    fetch();
    Files.delete(snapshot("config.json"));
    Files.delete(snapshot(WEIGHTS));
    Object key = Files.getAttribute(blob(WEIGHTS), "unix:ino");
    hub.requests.clear();
    fetch();
    assertThat(Files.getAttribute(blob(WEIGHTS), "unix:ino")).isEqualTo(key);
    assertThat(hub.requests).hasSize(1);
    assertThat(snapshot(WEIGHTS)).exists();
  }

  @Test
  void aBlobOfAnotherSizeIsNamedAndLeftAlone() throws IOException {
    Files.createDirectories(repository().resolve("blobs"));
    Files.writeString(blob(WEIGHTS), "short");
    MarlinException e = failure();
    assertThat(e.code()).isEqualTo(ErrorCode.FILE_UNREADABLE);
    assertThat(e.where()).isEqualTo(blob(WEIGHTS).toString());
    assertThat(Files.readString(blob(WEIGHTS))).isEqualTo("short");
  }

  @Test
  void aLinkThatLeadsNowhereIsReplaced() throws IOException {
    fetch();
    Files.delete(blob(WEIGHTS));
    fetch();
    assertThat(Files.readAllBytes(snapshot(WEIGHTS))).isEqualTo(hub.files.get(WEIGHTS));
  }

  @Test
  void aListWithoutSizesIsCompletedFromTheHeadersOfTheFiles() throws IOException {
    hub.bare = true;
    fetch();
    assertThat(Files.readAllBytes(blob(WEIGHTS))).isEqualTo(hub.files.get(WEIGHTS));
    assertThat(hub.requests).extracting(FakeHub.Request::method).contains("HEAD");
  }

  @Test
  void withoutRoomNothingIsFetched() {
    MarlinException e =
        org.assertj.core.api.Assertions.catchThrowableOfType(
            MarlinException.class, () -> fetch(NAME, QUICK, () -> false, f -> 500_020L));
    assertThat(e.code()).isEqualTo(ErrorCode.NOT_ENOUGH_DISK);
    assertThat(e).hasMessageContaining("500,021").hasMessageContaining("500,020");
    assertThat(hub.requests).hasSize(1);
  }

  @Test
  void filesFetchedByUsAreKnownAsOurs() throws IOException {
    fetch();
    CacheLayout layout = new CacheLayout(cache, NAME);
    assertThat(OwnBlobs.owns(layout, snapshot(WEIGHTS))).isTrue();
    Files.delete(blob(WEIGHTS));
    Files.write(blob(WEIGHTS), hub.files.get(WEIGHTS));
    assertThat(OwnBlobs.owns(layout, snapshot(WEIGHTS))).as("put there by another").isFalse();
  }

  @Test
  void aFileNameThatLeadsOutOfTheFolderIsRefused() {
    hub.files.put("../../evil.jinja", text("x"));
    assertThat(failure().code()).isEqualTo(ErrorCode.NETWORK_FAILED);
    assertThat(cache).doesNotExist();
  }

  /// As logs of training runs and files from Windows are called; the list is JSON.
  @ParameterizedTest
  @ValueSource(strings = {"runs/10:22:33/events", "old\\\\model.bin", "a\\tb.png"})
  void aFileWithAnOddNameThatNobodyNeedsIsPassedOver(String path) throws IOException {
    hub.files.put(path, text("x"));
    fetch();
    assertThat(snapshot(WEIGHTS)).exists();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tokenizer.model",
        "spiece.model",
        "tekken.json",
        "tiktoken.model",
        "qwen.tiktoken",
        "vocab.txt",
        "added_tokens.json"
      })
  void everyKindOfTokenizerIsNeeded(String file) {
    hub.files.put(file, text("{}"));
    fetch();
    assertThat(snapshot(file)).exists();
  }

  @ParameterizedTest
  @CsvSource({
    "m.gguf,,",
    "m.gguf,mmproj-m.gguf,",
    "Q4/m-00001-of-00001.gguf,,Q4/m-00001-of-00001.gguf",
    "Q4/m.gguf,mmproj-m.gguf,Q4/m.gguf"
  })
  void whatIsFetchedIsFoundByTheSameRule(String file, String other, String expected)
      throws IOException {
    hub.files.keySet().removeIf(f -> !f.equals("tokenizer.json"));
    hub.files.put(file, random(100, 5));
    if (other != null) {
      hub.files.put(other, random(100, 6));
    }
    ModelSource source = new ModelSource(variables, Optional.of(name -> fetch()));
    ResolvedModel found = source.resolve("org/name", temp);
    assertThat(found.folder())
        .isEqualTo(expected == null ? snapshot("").normalize() : snapshot(expected));
    // A projector that another program put beside the model does not take its place.
    Files.write(snapshot("mmproj-x.gguf"), random(100, 7));
    assertThat(source.resolve("org/name", temp).folder()).isEqualTo(snapshot(file));
  }

  @Test
  void oneOfSeveralGgufModelsIsChosenByFileOrType() throws IOException {
    hub.files.keySet().removeIf(f -> !f.equals("tokenizer.json"));
    hub.files.put("m-Q4_K_M.gguf", random(100, 5));
    hub.files.put("m-Q8_0-00001-of-00002.gguf", random(100, 6));
    hub.files.put("m-Q8_0-00002-of-00002.gguf", random(100, 7));
    hub.files.put("mmproj-m-Q4_K_M.gguf", random(100, 8));
    MarlinException e = failure();
    assertThat(e.code()).isEqualTo(ErrorCode.REPOSITORY_MISSING);
    assertThat(e).hasMessageContaining("m-Q4_K_M.gguf, m-Q8_0.gguf");
    assertThat(e.hint()).contains("org/name:m-Q4_K_M.gguf");
    fetch(RepositoryName.parse("org/name:q4_k_m").orElseThrow(), QUICK, () -> false);
    assertThat(snapshot("m-Q4_K_M.gguf")).exists();
    fetch(RepositoryName.parse("org/name@main:m-Q8_0.gguf").orElseThrow(), QUICK, () -> false);
    assertThat(snapshot("m-Q8_0-00001-of-00002.gguf")).exists();
    assertThat(snapshot("m-Q8_0-00002-of-00002.gguf")).exists();
    assertThat(snapshot("mmproj-m-Q4_K_M.gguf")).doesNotExist();
    MarlinException none = failure(RepositoryName.parse("org/name:IQ1_S").orElseThrow(), QUICK);
    assertThat(none).hasMessageContaining("has no GGUF file IQ1_S");
  }
}
