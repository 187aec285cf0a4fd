package io.metalmarlin.runtime.text.split;

import io.metalmarlin.runtime.text.regex.Finder;
import io.metalmarlin.runtime.text.regex.TextPattern;
import io.metalmarlin.runtime.text.spec.Kinds;
import io.metalmarlin.runtime.text.spec.Kinds.Kind;
import io.metalmarlin.runtime.text.spec.Spec;
import io.metalmarlin.runtime.text.unicode.Characters;
import java.util.ArrayList;
import java.util.List;

/// The `pre_tokenizer` of `tokenizer.json`, by kind.
public final class PreTokenizers {
  /// One line per kind.
  public static final Kinds<Splitter> ALL =
      new Kinds<>(
          List.of(
              new Kind<>("ByteLevel", s -> ByteLevelSplitter.of(s).then(ByteLevelSplitter.LETTERS)),
              new Kind<>("Split", PreTokenizers::split),
              new Kind<>("Metaspace", MetaspaceSplitter::of),
              new Kind<>("Whitespace", s -> WordSplitter.INSTANCE),
              new Kind<>("WhitespaceSplit", s -> removed(Finder.of(Characters::isSpace))),
              new Kind<>("Punctuation", PreTokenizers::punctuation),
              new Kind<>("Digits", s -> new DigitSplitter(s.flag("individual_digits", false))),
              new Kind<>("BertPreTokenizer", s -> bert()),
              new Kind<>("UnicodeScripts", s -> new ScriptSplitter()),
              new Kind<>("FixedLength", LengthSplitter::of),
              new Kind<>("CharDelimiterSplit", PreTokenizers::delimiter),
              new Kind<>("Sequence", PreTokenizers::sequence)));

  /// @param splitter cuts the text
  /// @param bytes whether `ByteLevel` is the last step, so that a model may take a piece's UTF-8
  ///   bytes; `splitter` then leaves the spelling out
  public record Cut(Splitter splitter, boolean bytes) {}

  private PreTokenizers() {}

  /// All steps.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `TOKENIZER_MALFORMED` naming what is not
  ///   supported
  public static Splitter of(Spec spec) {
    return spec.absent() ? Splitter.WHOLE : ALL.read(spec);
  }

  /// As [#of], without the spelling of a final `ByteLevel`.
  public static Cut cut(Spec spec) {
    List<Spec> steps = new ArrayList<>();
    flatten(spec, steps);
    boolean bytes = !steps.isEmpty() && steps.getLast().type().equals("ByteLevel");
    Splitter all = Splitter.WHOLE;
    for (int i = 0; i < steps.size(); i++) {
      boolean last = bytes && i == steps.size() - 1;
      all = all.then(last ? ByteLevelSplitter.of(steps.get(i)) : of(steps.get(i)));
    }
    return new Cut(all, bytes);
  }

  private static void flatten(Spec spec, List<Spec> steps) {
    if (spec.type().equals("Sequence")) {
      spec.list("pretokenizers").forEach(s -> flatten(s, steps));
    } else if (!spec.absent()) {
      steps.add(spec);
    }
  }

  private static Splitter sequence(Spec spec) {
    Splitter all = Splitter.WHOLE;
    for (Spec step : spec.list("pretokenizers")) {
      all = all.then(of(step));
    }
    return all;
  }

  private static Splitter split(Spec spec) {
    Behavior behavior = Behavior.of(spec, "");
    return new FinderSplitter(TextPattern.of(spec), behavior, spec.flag("invert", false));
  }

  private static Splitter punctuation(Spec spec) {
    Behavior behavior = Behavior.of(spec, "Isolated");
    return new FinderSplitter(Finder.of(Characters::isPunctuation), behavior, false);
  }

  private static Splitter delimiter(Spec spec) {
    int delimiter = spec.character("delimiter");
    return removed(Finder.of(c -> c == delimiter));
  }

  private static Splitter bert() {
    return removed(Finder.of(Characters::isSpace))
        .then(new FinderSplitter(Finder.of(Characters::isPunctuation), Behavior.ISOLATED, false));
  }

  private static Splitter removed(Finder finder) {
    return new FinderSplitter(finder, Behavior.REMOVED, false);
  }
}
