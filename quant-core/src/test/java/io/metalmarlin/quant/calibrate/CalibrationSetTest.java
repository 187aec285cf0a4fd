package io.metalmarlin.quant.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.text.Tokenizer;
import io.metalmarlin.runtime.text.decode.Decoder;
import io.metalmarlin.runtime.text.frame.Frame;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CalibrationSetTest {
  /// One id per character.
  private static final Tokenizer CHARACTERS =
      new Tokenizer() {
        @Override
        public int[] encode(CharSequence text) {
          return text.chars().toArray();
        }

        @Override
        public String decode(int... ids) {
          return new String(ids, 0, ids.length);
        }

        @Override
        public Frame frame() {
          return Frame.NONE;
        }

        @Override
        public String token(int id) {
          return Character.toString(id);
        }

        @Override
        public Decoder decoder() {
          return next -> next;
        }

        @Override
        public int vocabularySize() {
          return 65536;
        }
      };

  private static final List<String> ALPHABET = List.of("abcdefghij", "klmnopqrst", "uvwxyz");

  private static CalibrationSet draw(int samples, int seqLen, long seed) {
    return CalibrationSet.of("test", ALPHABET, CHARACTERS, available -> samples, seqLen, seed);
  }

  @Test
  void windowsAreDrawnWithoutReplacementInTextOrder() {
    CalibrationSet set = draw(5, 5, 3);
    List<String> texts = set.windows().stream().map(CHARACTERS::decode).toList();
    assertThat(texts).isSorted().doesNotHaveDuplicates();
    assertThat(List.of("abcde", "fghij", "klmno", "pqrst", "uvwxy")).containsAll(texts);
    assertThat(set.tokens()).isEqualTo(25);
  }

  @Test
  void windowsRunAcrossDocuments() {
    assertThat(CHARACTERS.decode(draw(1, 26, 0).windows().getFirst()))
        .isEqualTo("abcdefghijklmnopqrstuvwxyz");
  }

  @Test
  void sameSeedSameWindows() {
    assertThat(draw(3, 4, 7).sha256()).isEqualTo(draw(3, 4, 7).sha256());
  }

  @Test
  void anotherSeedDrawsOtherWindows() {
    long distinct =
        java.util.stream.LongStream.range(0, 8)
            .mapToObj(s -> draw(3, 4, s).sha256())
            .distinct()
            .count();
    assertThat(distinct).isGreaterThan(1);
  }

  @Test
  void tooShortTextSaysHowMuchThereIs() {
    assertThatThrownBy(() -> draw(6, 5, 0))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.CALIBRATION_TOO_SHORT);
              assertThat(e).hasMessageContaining("26 tokens (5 whole windows)");
              assertThat(e.hint()).contains("--samples 5");
            });
  }

  @Test
  void digestIsOfTheIds() throws Exception {
    byte[] bytes = new byte[4 * 26];
    for (int i = 0; i < 26; i++) {
      bytes[4 * i] = (byte) ('a' + i);
    }
    byte[] sha = java.security.MessageDigest.getInstance("SHA-256").digest(bytes);
    assertThat(draw(1, 26, 0).sha256()).isEqualTo(java.util.HexFormat.of().formatHex(sha));
    assertThat(Arrays.stream(draw(1, 26, 0).windows().getFirst()).max()).hasValue('z');
  }
}
