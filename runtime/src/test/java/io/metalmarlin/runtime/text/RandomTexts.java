package io.metalmarlin.runtime.text;

import java.util.Random;

/// Seeded texts that provoke a tokenizer: words, spaces of all kinds, control characters, scripts,
/// emoji, added tokens, in any mixture.
final class RandomTexts {
  private static final String[] SNIPPETS = {
    " ",
    "  ",
    "\n",
    "\r\n",
    "\t",
    "'s",
    "'LL",
    "’s",
    "hello",
    "World",
    "ing",
    " the",
    "12",
    "3.14",
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_",
    "|>",
    "—",
    "\u00a0",
    "\u2003",
    "\u0085",
    "é",
    "e\u0301",
    "ß",
    "İ",
    "ı",
    "ſ",
    "K",
    "日本",
    "한글",
    "हिन्दी",
    "العربية",
    "👩‍👧",
    "🇩🇪",
    "👍🏽",
    "𝒜𝓑",
    "𐍈",
    "{}",
    "();",
    "//",
    "==",
    "_x",
    "\u0000",
    "\u001b",
    "\u200d",
    "\ufeff",
    "\ufffd",
    "٣",
    "Ⅷ",
    "½"
  };

  private final Random random;

  RandomTexts(Random random) {
    this.random = random;
  }

  String next() {
    StringBuilder text = new StringBuilder();
    int parts = random.nextInt(40);
    for (int i = 0; i < parts; i++) {
      switch (random.nextInt(4)) {
        case 0 -> text.append((char) random.nextInt(0x80));
        case 1 -> text.appendCodePoint(codePoint());
        default -> text.append(SNIPPETS[random.nextInt(SNIPPETS.length)]);
      }
    }
    return text.toString();
  }

  private int codePoint() {
    while (true) {
      int c = random.nextInt(random.nextBoolean() ? 0x3000 : 0x20000);
      if (isAssigned(c)) {
        return c;
      }
    }
  }

  /// Whether UTF-8 can write the code point: all but surrogates.
  static boolean isScalar(int c) {
    return c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE;
  }

  /// Whether this Java's Unicode version (16) has the code point, so that a younger one (the
  /// reference's `Digits` knows 17) thinks the same of it.
  static boolean isAssigned(int c) {
    return isScalar(c) && Character.isDefined(c);
  }
}
