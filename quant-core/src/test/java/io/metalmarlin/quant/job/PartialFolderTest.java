package io.metalmarlin.quant.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartialFolderTest {
  @TempDir Path folder;
  private Path output;

  @BeforeEach
  void setUp() {
    output = folder.resolve("out");
  }

  private static Fingerprint fingerprint(String seed) {
    return new Fingerprint(new LinkedHashMap<>(Map.of("--seed", seed)));
  }

  @Test
  void publishedFolderAppearsWholeAndNothingElseRemains() throws IOException {
    try (PartialFolder p = PartialFolder.open(output, fingerprint("1"), false)) {
      Files.writeString(p.model().resolve("config.json"), "{}");
      assertThat(output).doesNotExist();
      p.publish(output);
    }
    assertThat(output.resolve("config.json")).hasContent("{}");
    assertThat(folder).isDirectoryNotContaining("glob:**.partial-*");
  }

  @Test
  void publishingReplacesAnExistingFolder() throws IOException {
    Files.createDirectories(output);
    Files.writeString(output.resolve("old"), "");
    try (PartialFolder p = PartialFolder.open(output, fingerprint("1"), false)) {
      p.publish(output);
    }
    assertThat(output).isEmptyDirectory();
  }

  @Test
  void sameFingerprintFindsItsState() throws IOException {
    try (PartialFolder p = PartialFolder.open(output, fingerprint("1"), false)) {
      Files.writeString(p.journal(), "x");
    }
    try (PartialFolder p = PartialFolder.open(output, fingerprint("1"), false)) {
      assertThat(p.journal()).hasContent("x");
    }
  }

  @Test
  void otherSettingsAreRefusedByName() {
    PartialFolder.open(output, fingerprint("1"), false).close();
    assertThatThrownBy(() -> PartialFolder.open(output, fingerprint("2"), false))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.FINGERPRINT_CONFLICT);
              assertThat(e).hasMessageContaining("--seed was \"1\", is now \"2\"");
            });
  }

  @Test
  void restartThrowsOtherStateAway() throws IOException {
    PartialFolder.open(output, fingerprint("1"), false).close();
    PartialFolder.open(output, fingerprint("2"), true).close();
    assertThat(PartialFolder.unfinished(output)).hasSize(1);
  }

  @Test
  void secondProcessIsRefused() {
    try (PartialFolder held = PartialFolder.open(output, fingerprint("1"), false)) {
      assertThat(held.path()).exists();
      assertThatThrownBy(() -> PartialFolder.open(output, fingerprint("1"), false))
          .isInstanceOfSatisfying(
              MarlinException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.JOB_LOCKED));
    }
  }
}
