package io.metalmarlin.tests.house;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.Dialects;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Packings;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// A layout that is read but proven by nothing, or that nobody reads, fails the build; the page
/// about it is what the registries say.
class CoverageTest {
  @Test
  void every_packing_is_read_by_a_dialect_and_has_an_oracle() {
    Set<Class<?>> listed = Packings.ALL.stream().map(Packing::getClass).collect(Collectors.toSet());
    assertThat(Coverage.PROOFS.keySet()).containsExactlyInAnyOrderElementsOf(classes(listed));
    List<String> dialects = Dialects.ALL.stream().map(Dialect::name).toList();
    assertThat(Coverage.PROOFS.values())
        .allSatisfy(p -> {
          assertThat(p.readBy()).isNotEmpty().isSubsetOf(dialects);
          assertThat(p.oracle()).isNotBlank();
        });
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
