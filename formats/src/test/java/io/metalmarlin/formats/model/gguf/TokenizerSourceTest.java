package io.metalmarlin.formats.model.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class TokenizerSourceTest {
  @TempDir private Path folder;

  @Test
  void aRankFileIsNotTakenForABrokenSentencePieceFile() throws IOException {
    Files.writeString(folder.resolve("tokenizer.model"), "IQ== 0\nIg== 1\n");
    ModelConfig config =
        new ModelConfig(folder.resolve("config.json"), JsonMapper.shared().createObjectNode());
    MarlinException e =
        catchThrowableOfType(MarlinException.class, () -> TokenizerSource.keys(folder, config));
    assertThat(e.code()).isEqualTo(ErrorCode.TOKENIZER_MALFORMED);
    assertThat(e).hasMessageContaining("tiktoken rank file");
    assertThat(e.hint()).contains("tokenizer.json");
  }
}
