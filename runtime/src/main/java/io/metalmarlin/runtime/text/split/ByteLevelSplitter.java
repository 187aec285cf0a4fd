package io.metalmarlin.runtime.text.split;

import io.metalmarlin.runtime.text.regex.TextPattern;
import io.metalmarlin.runtime.text.spec.Spec;
import io.metalmarlin.runtime.text.unicode.ByteAlphabet;

/// The `ByteLevel` pre-tokenizer in two steps: cutting as GPT-2 does, and spelling bytes as
/// letters. `trim_offsets` changes no ids.
final class ByteLevelSplitter {
  /// What `use_regex` splits by.
  private static final String WORDS =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  /// Spells each piece's UTF-8 in the letters of bytes.
  static final Splitter LETTERS =
      (text, start, end, first, out) -> {
        String spelled = ByteAlphabet.spelled(text.substring(start, end));
        out.piece(spelled, 0, spelled.length(), first);
      };

  /// Begins each stretch with a space unless it has one.
  private static final Splitter PREFIX_SPACE =
      (text, start, end, first, out) -> {
        if (text.charAt(start) == ' ') {
          out.piece(text, start, end, first);
        } else {
          String spaced = " " + text.substring(start, end);
          out.piece(spaced, 0, spaced.length(), first);
        }
      };

  private ByteLevelSplitter() {}

  /// The first step.
  static Splitter of(Spec spec) {
    Splitter prefix = spec.flag("add_prefix_space", true) ? PREFIX_SPACE : Splitter.WHOLE;
    return spec.flag("use_regex", true)
        ? prefix.then(new FinderSplitter(TextPattern.regex(WORDS), Behavior.ISOLATED, false))
        : prefix;
  }
}
