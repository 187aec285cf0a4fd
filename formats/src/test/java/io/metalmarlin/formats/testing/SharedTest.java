package io.metalmarlin.formats.testing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SharedTest {
  @Test
  void finds_the_readme_of_the_shared_folder() {
    assertThat(Shared.path("README.md")).isRegularFile();
  }

  @Test
  void says_that_an_unknown_name_is_not_there() {
    assertThat(Shared.has("no-such-folder")).isFalse();
  }
}
