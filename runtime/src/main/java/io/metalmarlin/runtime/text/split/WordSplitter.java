package io.metalmarlin.runtime.text.split;

import io.metalmarlin.runtime.text.regex.TextPattern;
import java.util.regex.Pattern;

/// The `Whitespace` pre-tokenizer: runs of word characters (UTS #18), and runs of what is neither
/// those nor white space.
final class WordSplitter {
  private static final String WORD = "\\p{IsAlphabetic}\\p{M}\\p{Nd}\\p{Pc}\\x{200C}\\x{200D}";

  static final Splitter INSTANCE =
      new FinderSplitter(
          new TextPattern(Pattern.compile("[" + WORD + "]+|[^" + WORD + "\\p{IsWhite_Space}]+")),
          Behavior.REMOVED,
          true);

  private WordSplitter() {}
}
