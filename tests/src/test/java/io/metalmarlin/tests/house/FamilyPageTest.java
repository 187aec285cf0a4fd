package io.metalmarlin.tests.house;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.cli.view.FamilyEvidence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What `marlin models` and its page say is what the tests do.
class FamilyPageTest {
  private static final Path RESOURCE =
      Repository.ROOT.resolve("cli/src/main/resources/io/metalmarlin/cli/families.json");
  private static final Path PAGE = Repository.ROOT.resolve("docs/families.md");

  @Test
  void resource_and_page_are_what_the_tests_run_over() throws IOException {
    List<FamilyEvidence> all = Families.all();
    if (Boolean.getBoolean("marlin.update")) {
      Files.writeString(RESOURCE, Families.json(all));
      Files.writeString(PAGE, Families.page(all));
    }
    assertThat(RESOURCE).content().isEqualTo(Families.json(all));
    assertThat(PAGE).content().isEqualTo(Families.page(all));
  }

  @Test
  void every_family_has_logits_and_quantized_models() throws IOException {
    assertThat(Families.all())
        .allSatisfy(f -> {
          assertThat(f.logits()).as(f.family()).isNotEmpty();
          assertThat(f.quantized()).as(f.family()).isNotEmpty();
        });
  }

  /// The lists of the tests over trained models are written by hand.
  @Test
  void every_trained_model_is_in_the_tests_over_them() throws IOException {
    String perplexity = test("eval/PerplexityTest");
    String greedy = test("decode/GreedyTest");
    assertThat(Families.trained())
        .isNotEmpty()
        .allSatisfy(m -> {
          assertThat(perplexity).contains("\"" + m.name() + ", heldout-mixed.txt");
          assertThat(perplexity).contains("\"" + m.name() + ", wiki.test.raw");
          assertThat(greedy).contains("\"" + m.name() + "\"");
        });
  }

  private static String test(String name) {
    return Repository.text(Path.of("runtime/src/test/java/io/metalmarlin/runtime", name + ".java"));
  }
}
