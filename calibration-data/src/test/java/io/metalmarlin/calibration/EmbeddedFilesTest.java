package io.metalmarlin.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The manifest and the embedded files tell the same.
class EmbeddedFilesTest {
  static List<Manifest.Entry> entries() {
    return Manifest.load().files();
  }

  @ParameterizedTest
  @MethodSource("entries")
  void everyManifestEntryIsTrueAndNamesSourceAndLicence(Manifest.Entry entry) {
    assertThat(entry.read()).hasSize(Math.toIntExact(entry.bytes()));
    assertThat(entry.source()).isNotBlank();
    assertThat(entry.licence()).isNotBlank();
  }

  @Test
  void everyEmbeddedFileIsListedOnce() throws IOException, URISyntaxException {
    Path manifest =
        Path.of(Objects.requireNonNull(Manifest.class.getResource("manifest.json")).toURI());
    Path root = Objects.requireNonNull(manifest.getParent());
    try (Stream<Path> all = Files.walk(root)) {
      List<String> files =
          all.filter(Files::isRegularFile)
              .filter(f -> !f.equals(manifest) && !f.toString().endsWith(".class"))
              .map(f -> root.relativize(f).toString().replace('\\', '/'))
              .toList();
      assertThat(entries())
          .extracting(Manifest.Entry::file)
          .containsExactlyInAnyOrderElementsOf(files);
    }
  }

  @Test
  void aFileThatIsNotWhatTheManifestSaysIsNotRead() {
    Manifest.Entry right = Manifest.load().entry("demo/config.json");
    Manifest.Entry wrong =
        new Manifest.Entry(right.file(), right.bytes(), "00", right.source(), right.licence());
    assertThatThrownBy(wrong::read)
        .hasMessageContaining("demo/config.json")
        .hasMessageContaining("00");
  }
}
