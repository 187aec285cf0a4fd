package io.metalmarlin.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.source.ModelSource;
import io.metalmarlin.runtime.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCheckpointTest {
  @TempDir private Path cache;

  @Test
  void theModelSourceFindsTheDemo() throws IOException {
    Path folder = new ModelSource(Map.of(), Optional.empty()).resolve("demo", cache).folder();
    assertThat(names(folder))
        .containsExactlyInAnyOrder(
            "config.json",
            "generation_config.json",
            "model.safetensors",
            "tokenizer.json",
            "tokenizer_config.json",
            "reference.json");
    assertThat(Tokenizers.read(folder).vocabularySize()).isEqualTo(8192);
  }

  @Test
  void aCompleteCopyIsUsedAgain() throws IOException {
    Path folder = new DemoCheckpoint().unpack(cache);
    FileTime longAgo = FileTime.fromMillis(1_000);
    Files.setLastModifiedTime(folder.resolve("config.json"), longAgo);
    assertThat(new DemoCheckpoint().unpack(cache)).isEqualTo(folder);
    assertThat(Files.getLastModifiedTime(folder.resolve("config.json"))).isEqualTo(longAgo);
  }

  @Test
  void aDamagedCopyIsReplaced() throws IOException {
    Path folder = new DemoCheckpoint().unpack(cache);
    Files.writeString(folder.resolve("config.json"), "{}");
    Files.delete(folder.resolve("tokenizer.json"));
    new DemoCheckpoint().unpack(cache);
    for (Manifest.Entry entry : Manifest.load().below("demo/")) {
      Path file = folder.resolve(entry.file().substring("demo/".length()));
      assertThat(Sha256.of(file)).isEqualTo(entry.sha256());
    }
  }

  @Test
  void whatAKilledProcessLeftIsRemoved() throws IOException {
    Path left = Files.createDirectory(cache.resolve("demo.partial-1"));
    Files.writeString(left.resolve("config.json"), "{");
    Path folder = new DemoCheckpoint().unpack(cache);
    assertThat(names(cache))
        .containsExactlyInAnyOrder("demo.lock", folder.getFileName().toString());
  }

  @Test
  void severalAtOnceGetTheSameCompleteCopy() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      Callable<Path> unpack = () -> new DemoCheckpoint().unpack(cache);
      for (var copy : threads.invokeAll(List.of(unpack, unpack, unpack, unpack))) {
        assertThat(Files.size(copy.get().resolve("model.safetensors"))).isEqualTo(13_647_024);
      }
    }
  }

  @Test
  void twoProcessesAtOnceBothGetACompleteCopy() throws Exception {
    List<Process> both = List.of(unpackInAProcess(), unpackInAProcess());
    for (Process process : both) {
      assertThat(process.waitFor()).isZero();
    }
    Path folder = new DemoCheckpoint().unpack(cache);
    assertThat(names(cache))
        .containsExactlyInAnyOrder("demo.lock", folder.getFileName().toString());
  }

  private Process unpackInAProcess() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            UnpackDemo.class.getName(),
            cache.toString())
        .inheritIO()
        .start();
  }

  @Test
  void aFolderThatCannotBeMadeIsNamed() throws IOException {
    Path file = Files.writeString(cache.resolve("file"), "");
    assertThatThrownBy(() -> new DemoCheckpoint().unpack(file.resolve("below")))
        .asInstanceOf(InstanceOfAssertFactories.type(MarlinException.class))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.OUTPUT_UNWRITABLE))
        .satisfies(e -> assertThat(e.where()).isEqualTo(file.resolve("below").toString()));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).toList();
    }
  }
}
