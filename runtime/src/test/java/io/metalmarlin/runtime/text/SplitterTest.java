package io.metalmarlin.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.text.regex.TextPattern;
import io.metalmarlin.runtime.text.spec.Spec;
import io.metalmarlin.runtime.text.spec.TokenizerErrors;
import io.metalmarlin.runtime.text.split.PreTokenizers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Pre-tokenizers about which the `tokenizers` library that the tests run is too old to be asked,
/// and bounds of patterns.
class SplitterTest {
  private static List<String> pieces(String json, String text) {
    List<String> pieces = new ArrayList<>();
    PreTokenizers.of(
            new Spec(
                "pre_tokenizer",
                TokenizerFiles.parse(json),
                new TokenizerErrors(Path.of("tokenizer.json"))))
        .split(text, 0, text.length(), true, (t, s, e, f) -> pieces.add(t.substring(s, e)));
    return pieces;
  }

  @Test
  void piecesOfAFixedLengthCountCodePoints() {
    assertThat(pieces("{'type':'FixedLength','length':3}", "a\ud808\udc00bcd\u00e9f g"))
        .containsExactly("a\ud808\udc00b", "cd\u00e9", "f g");
    assertThat(pieces("{'type':'FixedLength'}", "abcdefg")).containsExactly("abcde", "fg");
    assertThatThrownBy(() -> pieces("{'type':'FixedLength','length':0}", "abc"))
        .isInstanceOf(MarlinException.class)
        .hasMessageContaining("FixedLength length 0");
  }

  /// What Oniguruma makes of them through the library's `Replace`.
  @ParameterizedTest
  @CsvSource({
    "[A-Z]*, aBC.D\ud808\udc00E, -a-.-\ud808\udc00-",
    "(?<=[^a-z]), aBC.D\ud808\udc00e, aB-C-.-D-\ud808\udc00-e",
    "(?<=\\p{L}), 1\ud81e\udee0g, 1\ud81e\udee0-g-"
  })
  void emptyMatchesAreThoseOfTheReference(String regex, String text, String replaced) {
    assertThat(TextPattern.regex(regex).replace(text, "-")).isEqualTo(replaced);
  }

  @Test
  void digitsAreCutByThreesFromTheEndOfALongRun() {
    String regex =
        "{'type':'Split','pattern':{'Regex':'(?:[0-9]{3})+$'},'behavior':'Isolated','invert':false}";
    assertThat(pieces(regex, "x" + "1234567890".repeat(20_000))).hasSize(2);
  }

  @Test
  void aLoopThatWouldNeedTheWholeStackIsStopped() {
    String regex =
        "{'type':'Split','pattern':{'Regex':'(?:[^x])+y'},'behavior':'Isolated','invert':false}";
    assertThatThrownBy(() -> pieces(regex, "a\ud808\udc00".repeat(1_000_000)))
        .isInstanceOf(MarlinException.class)
        .hasMessageContaining("does not come to an end");
  }
}
