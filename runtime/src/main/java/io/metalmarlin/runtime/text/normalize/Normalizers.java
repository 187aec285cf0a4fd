package io.metalmarlin.runtime.text.normalize;

import io.metalmarlin.runtime.text.spec.Kinds;
import io.metalmarlin.runtime.text.spec.Kinds.Kind;
import io.metalmarlin.runtime.text.spec.Spec;
import io.metalmarlin.runtime.text.unicode.ByteAlphabet;
import io.metalmarlin.runtime.text.unicode.Characters;
import java.text.Normalizer.Form;
import java.util.List;

/// The `normalizer` of `tokenizer.json`, by kind.
public final class Normalizers {
  /// One line per kind.
  public static final Kinds<TextNormalizer> ALL =
      new Kinds<>(
          List.of(
              new Kind<>("NFC", s -> new UnicodeForm(Form.NFC)),
              new Kind<>("NFD", s -> new UnicodeForm(Form.NFD)),
              new Kind<>("NFKC", s -> new UnicodeForm(Form.NFKC)),
              new Kind<>("NFKD", s -> new UnicodeForm(Form.NFKD)),
              new Kind<>("Lowercase", s -> (text, first) -> Characters.lower(text)),
              new Kind<>("StripAccents", s -> new WithoutMarks(Characters::isStrippedMark)),
              new Kind<>("Strip", StripNormalizer::of),
              new Kind<>("Replace", ReplaceNormalizer::of),
              new Kind<>("Prepend", PrependNormalizer::of),
              new Kind<>("Nmt", s -> new NmtNormalizer()),
              new Kind<>("Precompiled", PrecompiledNormalizer::of),
              new Kind<>("BertNormalizer", BertNormalizer::of),
              new Kind<>("ByteLevel", s -> (text, first) -> ByteAlphabet.spelled(text)),
              new Kind<>("Sequence", Normalizers::sequence)));

  private Normalizers() {}

  /// @throws io.metalmarlin.formats.MarlinException `TOKENIZER_MALFORMED` naming what is not
  ///   supported
  public static TextNormalizer of(Spec spec) {
    return spec.absent() ? TextNormalizer.NONE : ALL.read(spec);
  }

  private static TextNormalizer sequence(Spec spec) {
    return TextNormalizer.all(spec.list("normalizers").stream().map(Normalizers::of).toList());
  }
}
