package io.metalmarlin.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
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

  /// As the files of models from before `added_tokens_decoder` are meant.
  @Test
  void addedTokensOfOlderModelsAreInAFileOfTheirOwn() throws IOException {
    int plain = tokenizer("sp-bpe").vocabularySize();
    Files.writeString(
        folder.resolve("added_tokens.json"),
        "{\"<turn>\":%d,\"<end>\":%d}".formatted(plain, plain + 1));
    Files.writeString(
        folder.resolve("special_tokens_map.json"),
        "{\"additional_special_tokens\":[{\"content\":\"<end>\"}]}");
    Tokenizer ours = Tokenizers.read(folder);
    assertThat(ours.encode("a<turn>b<end>")).contains(plain).endsWith(plain + 1);
    assertThat(ours.decode(ours.encode("<turn><end>"))).isEqualTo("<turn>");
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"added_tokens_decoder\":{\"%d\":{\"content\":\"<other>\"}}}".formatted(plain));
    assertThat(Tokenizers.read(folder).encode("<other>")).containsExactly(plain);
  }
}
