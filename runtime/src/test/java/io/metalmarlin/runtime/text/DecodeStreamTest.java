package io.metalmarlin.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
