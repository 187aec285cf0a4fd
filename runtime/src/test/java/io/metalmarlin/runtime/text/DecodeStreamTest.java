package io.metalmarlin.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecodeStreamTest {
  @TempDir private Path folder;

  private Tokenizer bytes() throws IOException {
    return TokenizerFiles.ours(folder, TokenizerFiles.bytesOnly());
  }

  @Test
  void aCharacterAppearsWithItsLastByte() throws IOException {
    DecodeStream stream = new DecodeStream(bytes());
    assertThat(stream.accept('a')).isEqualTo("a");
    assertThat(stream.accept(0xE2)).isEmpty();
    assertThat(stream.accept(0x82)).isEmpty();
    assertThat(stream.accept(0xAC)).isEqualTo("€");
    assertThat(stream.finish()).isEmpty();
  }

  @Test
  void halfACharacterAtTheEndIsReplaced() throws IOException {
    DecodeStream stream = new DecodeStream(bytes());
    assertThat(stream.accept(0xF0)).isEmpty();
    assertThat(stream.accept(0x9F)).isEmpty();
    assertThat(stream.finish()).isEqualTo("\ufffd");
    assertThat(stream.accept('b')).isEqualTo("b");
  }

  @ParameterizedTest
  @CsvSource({
    "ED BB 80, 3",
    "ED BB, 2",
    "ED BB 41, 2A",
    "F4 90 80 80, 4",
    "E2 82 41, 1A",
    "F0 9F 98 41, 1A",
    "F0 8F 80, 3",
    "E0 9F 80, 3",
    "C1 80, 2",
    "C3 C3 A4, 1ä",
    "F8 80, 2",
    "F0 9F 98, 1"
  })
  void everyBeginningOfACharacterIsReplacedOnce(String bytes, String text) throws IOException {
    int[] ids = Arrays.stream(bytes.split(" ")).mapToInt(b -> Integer.parseInt(b, 16)).toArray();
    String expected = "\ufffd".repeat(text.charAt(0) - '0') + text.substring(1);
    assertThat(bytes().decode(ids)).isEqualTo(expected);
    try (HuggingFaceTokenizer reference = TokenizerFiles.reference(TokenizerFiles.bytesOnly())) {
      assertThat(reference.decode(Arrays.stream(ids).asLongStream().toArray())).isEqualTo(expected);
    }
  }

  @Test
  void thePiecesJoinedAreTheWholeText() throws IOException {
    Tokenizer tokenizer = bytes();
    Random random = new Random(9);
    for (int round = 0; round < 500; round++) {
      int[] ids = random.ints(20, 0, 256).map(b -> random.nextBoolean() ? b : b | 0x80).toArray();
      DecodeStream stream = new DecodeStream(tokenizer);
      StringBuilder text = new StringBuilder();
      for (int id : ids) {
        text.append(stream.accept(id));
      }
      assertThat(text.append(stream.finish()).toString()).isEqualTo(tokenizer.decode(ids));
    }
  }
}
