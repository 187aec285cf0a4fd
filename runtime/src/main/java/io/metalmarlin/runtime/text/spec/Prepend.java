package io.metalmarlin.runtime.text.spec;

/// Where a tokenizer of SentencePiece's kind puts a space's mark in front.
public enum Prepend {
  ALWAYS,
  /// Only at the beginning of a text.
  FIRST,
  NEVER;

  /// What a `Metaspace` says, pre-tokenizer or decoder.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `TOKENIZER_MALFORMED` for another word
  public static Prepend of(Spec spec) {
    String scheme = spec.text("prepend_scheme", "always");
    Prepend said =
        switch (scheme) {
          case "always" -> ALWAYS;
          case "first" -> FIRST;
          case "never" -> NEVER;
          default -> throw spec.unsupported("prepend_scheme \"" + scheme + "\"");
        };
    // The flag is in files from before `prepend_scheme`.
    return spec.flag("add_prefix_space", true) ? said : NEVER;
  }
}
