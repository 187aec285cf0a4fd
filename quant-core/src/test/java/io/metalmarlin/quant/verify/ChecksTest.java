package io.metalmarlin.quant.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every check finds what it is there for.
class ChecksTest {
  @TempDir Path work;

  static Stream<Defect> defects() {
    return Stream.of(
            FileDefects.all(),
            TensorDefects.all(),
            CodeDefects.all(),
            LoaderDefects.all(),
            FamilyDefects.all())
        .flatMap(s -> s);
  }

  @ParameterizedTest
  @MethodSource("defects")
  void finds(Defect defect) throws IOException {
    String[] pack = defect.pack().split("/");
    PackFolder folder = PackFolder.of(work.resolve("p"), pack[0], pack[1]);
    defect.damage().to(folder);
    assertThat(folder.findings(defect.target(), defect.tp()))
        .anySatisfy(f -> {
          assertThat(f.code()).isEqualTo(defect.code());
          assertThat(f.severity()).isEqualTo(defect.severity());
          assertThat(f.where() + ": " + f.reason()).contains(defect.words());
          assertThat(f.remedy()).endsWith(".");
        });
  }

  @Test
  void the_sparsity_config_of_2024_is_no_finding() throws IOException {
    PackFolder folder = PackFolder.of(work.resolve("p"), "ct", "W4A16_ASYM");
    folder.quantization(
        q -> q.putObject("sparsity_config").put("format", "dense").putArray("targets"));
    assertThat(folder.findings("vllm", 1)).extracting(Finding::code).doesNotContain("ct-config");
  }

  @Test
  void every_check_has_a_defect_it_finds() {
    Set<String> tested = defects().map(Defect::code).collect(Collectors.toSet());
    assertThat(Checks.ALL).extracting(Check::code).doesNotHaveDuplicates().isSubsetOf(tested);
  }
}
