package io.metalmarlin.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// `tokenizer.model` gives the ids and texts of the sentencepiece package, which
/// `tests/oracle/make_tokenizers.py` asked.
class SentencePieceOracleTest {
  @TempDir private Path folder;

  private Tokenizer tokenizer(String name) throws IOException {
    try (InputStream in = getClass().getResourceAsStream("/tokenizers/" + name + ".model.base64")) {
      Files.write(
          folder.resolve("tokenizer.model"), Base64.getMimeDecoder().decode(in.readAllBytes()));
    }
    return Tokenizers.read(folder);
  }

  private static int[] ids(JsonNode entry) {
    return entry.get("ids").valueStream().mapToInt(JsonNode::intValue).toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"sp-bpe", "sp-bpe-unk", "sp-unigram", "sp-unigram-bytes"})
  void idsAndTextsAreSentencePieces(String name) throws IOException {
    Tokenizer ours = tokenizer(name);
    JsonNode expected = Peer.file(name);
    for (JsonNode entry : expected.get("encode")) {
      String text = entry.get("text").stringValue();
      assertThat(ours.encode(text)).as("ids of \"%s\"", text).isEqualTo(ids(entry));
    }
    for (JsonNode entry : expected.get("decode")) {
      assertThat(ours.decode(ids(entry)))
          .as("text of %s", entry.get("ids"))
          .isEqualTo(entry.get("text").stringValue());
    }
  }
}
