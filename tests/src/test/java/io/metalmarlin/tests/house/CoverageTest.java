package io.metalmarlin.tests.house;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.Dialects;
import io.metalmarlin.formats.open.OpenModel;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Packings;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A layout that is read but proven by nothing, or that nobody reads, fails the build; the page
/// about it is what the registries say.
class CoverageTest {
  @Test
  void every_packing_is_read_by_a_dialect_and_has_an_oracle() {
    Set<Class<?>> listed = Packings.ALL.stream().map(Packing::getClass).collect(Collectors.toSet());
    assertThat(Coverage.PROOFS.keySet()).containsExactlyInAnyOrderElementsOf(classes(listed));
    Set<Class<? extends Packing>> read =
        Dialects.ALL.stream().flatMap(d -> d.packings().stream()).collect(Collectors.toSet());
    assertThat(read).containsExactlyInAnyOrderElementsOf(classes(listed));
    assertThat(Coverage.PROOFS.values()).allSatisfy(p -> assertThat(p.tests()).isNotEmpty());
  }

  @Test
  void every_oracle_that_is_named_exists() throws IOException {
    Set<String> tests;
    try (Stream<Path> files = Files.walk(Repository.ROOT)) {
      tests =
          files
              .filter(f -> f.toString().contains("/src/test/java/"))
              .map(f -> f.getFileName().toString())
              .filter(f -> f.endsWith("Test.java"))
              .map(f -> f.substring(0, f.length() - ".java".length()))
              .collect(Collectors.toSet());
    }
    String stages = Files.readString(Repository.ROOT.resolve("tests/oracle/stage.py"));
    for (Coverage.Proof p : Coverage.PROOFS.values()) {
      assertThat(tests).containsAll(p.tests());
      for (String stage : p.stages()) {
        // "formats ct" is the function `ct` of the module `formats`.
        String function = stage.replace(" ", "\\.");
        assertThat(stages).containsPattern("\\b" + function + "\\b");
      }
    }
  }

  /// A dialect says what its checkpoints may hold; what it finds and what it writes is among that.
  @Test
  void a_dialect_writes_no_packing_that_it_does_not_name() {
    for (Dialect d : Dialects.ALL) {
      for (Packing p : Packings.ALL) {
        for (DType model : List.of(DType.BF16, DType.F16, DType.F32)) {
          d.packingFor(p.scheme(), model)
              .ifPresent(w -> assertThat(d.packings()).as(d.name()).contains(w.getClass()));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"autoround", "ct", "gguf", "mlx", "modelopt"})
  void a_dialect_finds_no_packing_in_a_peers_pack_that_it_does_not_name(String tool)
      throws IOException {
    try (Stream<Path> packs = Files.list(Shared.path("packs", tool))) {
      for (Path pack : packs.toList()) {
        try (OpenModel m = OpenModel.open(pack)) {
          assertThat(m.dialect().modules(m.config(), m.checkpoint()).values())
              .as(pack.toString())
              .isNotEmpty()
              .allSatisfy(p -> assertThat(m.dialect().packings()).contains(p.packing().getClass()));
        }
      }
    }
  }

  @SuppressWarnings("unchecked")
  private static Set<Class<? extends Packing>> classes(Set<Class<?>> found) {
    return found.stream().map(c -> (Class<? extends Packing>) c).collect(Collectors.toSet());
  }

  @Test
  void the_page_is_what_the_registries_say() throws IOException {
    Path file = Repository.ROOT.resolve("docs/formats/COVERAGE.md");
    try (Backend backend = Backends.open("cpu", 1)) {
      String page = Coverage.page(backend);
      if (Boolean.getBoolean("marlin.update")) {
        Files.writeString(file, page);
      }
      assertThat(file).content().isEqualTo(page);
    }
  }
}
