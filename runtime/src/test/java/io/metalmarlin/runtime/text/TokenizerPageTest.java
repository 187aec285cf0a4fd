package io.metalmarlin.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.runtime.text.decode.Decoders;
import io.metalmarlin.runtime.text.frame.PostProcessors;
import io.metalmarlin.runtime.text.model.TokenModels;
import io.metalmarlin.runtime.text.normalize.Normalizers;
import io.metalmarlin.runtime.text.spec.Kinds;
import io.metalmarlin.runtime.text.split.PreTokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// The page on tokenizers lists the kinds of the registries.
class TokenizerPageTest {
  private static final Path PAGE = Path.of("../docs/tokenizers.md");

  @Test
  void thePageListsEveryKind() throws IOException {
    assertThat(Files.readString(PAGE))
        .contains(
            row("normalizer", Normalizers.ALL),
            row("pre_tokenizer", PreTokenizers.ALL),
            row("model", TokenModels.ALL),
            row("post_processor", PostProcessors.ALL),
            row("decoder", Decoders.ALL));
  }

  private static String row(String part, Kinds<?> kinds) {
    return "| `%s` | %s |".formatted(part, String.join(", ", kinds.names()));
  }
}
