package io.metalmarlin.runtime.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelSourceTest {
  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  @TempDir private Path temp;
  private Path hub;
  private Path repository;
  private Path snapshot;

  @BeforeEach
  void cacheAsTheHubLibraryWritesIt() throws IOException {
    hub = temp.resolve("hub");
    repository = hub.resolve("models--org--name");
    snapshot = Files.createDirectories(repository.resolve("snapshots").resolve(COMMIT));
    Files.createDirectories(repository.resolve("refs/refs/pr"));
    Files.writeString(repository.resolve("refs/main"), COMMIT);
    Files.writeString(repository.resolve("refs/refs/pr/1"), COMMIT);
    Files.createDirectories(repository.resolve("blobs"));
    blob("config.json", "{}");
    blob("model.safetensors", "weights");
  }

  private void blob(String name, String content) throws IOException {
    Files.writeString(repository.resolve("blobs").resolve(name), content);
    Files.createSymbolicLink(snapshot.resolve(name), Path.of("../../blobs").resolve(name));
  }

  private ResolvedModel resolve(String spec) {
    return new ModelSource(
            Map.of("HF_HUB_CACHE", hub.toString()), Optional.empty(), List.of(new Demo()))
        .resolve(spec, temp.resolve("work"));
  }

  private MarlinException failure(String spec) {
    return Assertions.catchThrowableOfType(MarlinException.class, () -> resolve(spec));
  }

  @ParameterizedTest
  @ValueSource(strings = {"org/name", "org/name@main", "org/name@refs/pr/1", "org/name@" + COMMIT})
  void aCachedRepositoryIsFoundByEveryKindOfRevision(String spec) {
    ResolvedModel model = resolve(spec);
    assertThat(model.folder()).isEqualTo(snapshot);
    assertThat(model.repository()).contains("org/name");
    assertThat(model.revision()).contains(COMMIT);
    assertThat(model.description()).contains("org/name", COMMIT, hub.toString());
  }

  @Test
  void aLocalFolderAndAFileAreTakenAsTheyAre() throws IOException {
    Path folder = Files.createDirectory(temp.resolve("model"));
    Path file = Files.writeString(folder.resolve("model.safetensors"), "");
    assertThat(resolve(folder.toString()))
        .extracting(ResolvedModel::folder, ResolvedModel::description)
        .containsExactly(folder, "local folder " + folder);
    assertThat(resolve(file.toString()))
        .extracting(ResolvedModel::folder, ResolvedModel::description)
        .containsExactly(file, "local file " + file);
  }

  @Test
  void theDemoIsUnpackedBelowTheWorkFolder() {
    ResolvedModel model = resolve("demo-of-test");
    assertThat(model.folder()).isEqualTo(temp.resolve("work/unpacked"));
    assertThat(model.description()).contains("embedded demo");
    assertThat(model.repository()).isEmpty();
  }

  @Test
  void aLocalPathWinsOverTheOtherMeaningsAndSaysSo() {
    // "src" and "src/main" exist wherever the module's tests run.
    Demo demo = new Demo("src");
    ModelSource source =
        new ModelSource(Map.of("HF_HUB_CACHE", hub.toString()), Optional.empty(), List.of(demo));
    assertThat(source.resolve("src", temp).description())
        .isEqualTo("local folder src (not the embedded demo of the same name)");
    assertThat(hub.resolve("models--src--main").toFile().mkdir()).isTrue();
    assertThat(source.resolve("src/main", temp).description())
        .isEqualTo("local folder src/main (not the cached repository of the same name)");
  }

  @Test
  void aRepositoryThatIsNotCachedIsAnOfflineMissNamingTheFolder() {
    MarlinException e = failure("org/other");
    assertThat(e.code()).isEqualTo(ErrorCode.OFFLINE_MISS);
    assertThat(e.code().exitCode()).isEqualTo(7);
    assertThat(e.where()).isEqualTo("org/other");
    assertThat(e).hasMessageContaining(hub.resolve("models--org--other").toString());
    assertThat(e.hint()).contains("--offline");
  }

  @Test
  void aRevisionThatIsNotCachedIsAnOfflineMiss() {
    MarlinException e = failure("org/name@v2");
    assertThat(e.code()).isEqualTo(ErrorCode.OFFLINE_MISS);
    assertThat(e).hasMessageContaining("v2");
    assertThat(failure("org/name@" + "f".repeat(40)).code()).isEqualTo(ErrorCode.OFFLINE_MISS);
  }

  @Test
  void missingFilesAreNamed() throws IOException {
    Files.delete(snapshot.resolve("config.json"));
    Files.delete(repository.resolve("blobs/model.safetensors"));
    MarlinException e = failure("org/name");
    assertThat(e.code()).isEqualTo(ErrorCode.OFFLINE_MISS);
    assertThat(e).hasMessageEndingWith("missing config.json, model.safetensors");
  }

  @Test
  void missingShardsAreNamed() throws IOException {
    blob("a.safetensors", "");
    blob(
        "model.safetensors.index.json",
        """
        {"weight_map": {"x": "b.safetensors", "y": "a.safetensors", "z": "c.safetensors"}}
        """);
    assertThat(failure("org/name")).hasMessageEndingWith("missing b.safetensors, c.safetensors");
  }

  @Test
  void aLinkThatLeavesTheCacheIsRefused() throws IOException {
    Path outside = Files.writeString(temp.resolve("secret"), "");
    Files.createSymbolicLink(snapshot.resolve("tokenizer.json"), outside);
    MarlinException e = failure("org/name");
    assertThat(e.code()).isEqualTo(ErrorCode.FILE_UNREADABLE);
    assertThat(e).hasMessageContaining("outside the cache");
  }

  @Test
  void aSnapshotFolderThatIsALinkOutOfTheCacheIsRefused() throws IOException {
    Path outside = Files.createDirectory(temp.resolve("elsewhere"));
    String commit = "f".repeat(40);
    Files.createSymbolicLink(repository.resolve("snapshots").resolve(commit), outside);
    assertThat(failure("org/name@" + commit).code()).isEqualTo(ErrorCode.FILE_UNREADABLE);
  }

  @Test
  void aRefThatHoldsNoCommitIsRefused() throws IOException {
    Files.writeString(repository.resolve("refs/main"), "../../..");
    assertThat(failure("org/name").code()).isEqualTo(ErrorCode.FILE_UNREADABLE);
  }

  @Test
  void aCacheReachedThroughALinkIsUsed() throws IOException {
    Path link = Files.createSymbolicLink(temp.resolve("link"), hub);
    ModelSource source =
        new ModelSource(Map.of("HF_HUB_CACHE", link.toString()), Optional.empty(), List.of());
    assertThat(source.resolve("org/name", temp).revision()).contains(COMMIT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nothing",
        "./org/name",
        "../name",
        "a/b/c",
        "org/../x",
        "org/name@../x",
        "/no/such",
        "org/name@",
        "org/name/",
        "-x/y",
        "a\u0000b",
        "org/na me"
      })
  void whatIsNeitherPathNorNameIsAMissingFile(String spec) {
    MarlinException e = failure(spec);
    assertThat(e.code()).isEqualTo(ErrorCode.FILE_MISSING);
    assertThat(e.where()).isNotEmpty();
    assertThat(e.hint()).contains("demo-of-test", "org/name");
  }

  private record Demo(String name) implements DemoProvider {
    Demo() {
      this("demo-of-test");
    }

    @Override
    public Path unpack(Path parent) {
      return parent.resolve("unpacked");
    }
  }
}
