package io.metalmarlin.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.quant.job.JobListener;
import io.metalmarlin.quant.job.LayerReport;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NoFallbackTest {
  private final List<String> seen = new ArrayList<>();
  private final NoFallback listener =
      new NoFallback(
          new JobListener() {
            @Override
            public void weightDone(LayerReport report) {
              seen.add(report.module());
            }
          });

  private static LayerReport report(int retries) {
    return report(retries, null);
  }

  private static LayerReport report(int retries, @Nullable String fallback) {
    return new LayerReport(
        "model.layers.0.q",
        "NVFP4A16",
        "gptq",
        1,
        16,
        4.5,
        0,
        0.1,
        0.1,
        10,
        1,
        fallback,
        0.08,
        retries,
        0,
        0,
        "none",
        "none",
        1);
  }

  @Test
  void a_weight_solved_as_asked_passes() {
    listener.weightDone(report(0));
    assertThat(seen).containsExactly("model.layers.0.q");
  }

  @Test
  void raised_damping_ends_the_job_naming_the_weight() {
    assertThatThrownBy(() -> listener.weightDone(report(3)))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.FALLBACK_REFUSED);
              assertThat(e.where()).isEqualTo("model.layers.0.q");
            })
        .hasMessageContaining("3 times");
    assertThat(seen).hasSize(1);
  }

  @Test
  void a_weight_that_no_token_reached_ends_the_job() {
    assertThatThrownBy(() -> listener.weightDone(report(0, LayerReport.ROUNDED)))
        .isInstanceOfSatisfying(
            MarlinException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FALLBACK_REFUSED))
        .hasMessageContaining("no calibration token");
  }
}
