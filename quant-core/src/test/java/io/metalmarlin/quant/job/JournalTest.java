package io.metalmarlin.quant.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  private static final LayerReport REPORT =
      new LayerReport(
          "m.é",
          "NVFP4A16",
          "rtn",
          2,
          16,
          6.5,
          0,
          0.01,
          null,
          0,
          1,
          null,
          0,
          0,
          0,
          0,
          "none",
          "none",
          0.5);

  @TempDir Path folder;

  @Test
  void entriesSurviveReopening() {
    Path file = folder.resolve("journal.jsonl");
    try (Journal<LayerReport> j = Journal.open(file, LayerReport.class)) {
      j.append(new Journal.Entry<>(Journal.COPIED, List.of()));
      j.append(new Journal.Entry<>(0, List.of(REPORT)));
    }
    try (Journal<LayerReport> j = Journal.open(file, LayerReport.class)) {
      assertThat(j.copied()).isTrue();
      assertThat(j.stages()).isEqualTo(1);
      assertThat(j.entries().getLast().reports()).containsExactly(REPORT);
    }
  }

  @Test
  void tornLastLineIsCutOffAndOverwritten() throws IOException {
    Path file = folder.resolve("journal.jsonl");
    try (Journal<LayerReport> j = Journal.open(file, LayerReport.class)) {
      j.append(new Journal.Entry<>(0, List.of(REPORT)));
    }
    Files.writeString(file, "{\"stage\":1,\"rep", StandardOpenOption.APPEND);
    try (Journal<LayerReport> j = Journal.open(file, LayerReport.class)) {
      assertThat(j.stages()).isEqualTo(1);
      j.append(new Journal.Entry<>(1, List.of()));
    }
    try (Journal<LayerReport> j = Journal.open(file, LayerReport.class)) {
      assertThat(j.stages()).isEqualTo(2);
    }
  }
}
