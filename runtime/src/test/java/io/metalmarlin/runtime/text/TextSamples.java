package io.metalmarlin.runtime.text;

import java.util.List;

/// Texts that every kind of tokenizer is asked for.
final class TextSamples {
  static final List<String> ALL =
      List.of(
          "",
          " ",
          "   ",
          "\n",
          "a",
          " a ",
          "▁",
          "▁▁a ▁b",
          "Once upon a time, there was a little girl named Lily. She didn't like it!  ",
          "Größe, façade, naïve, e\u0301 — “quoted” … ½ ﬁne ＦＵＬＬ ｗｉｄｔｈ ㎏ ™",
          "日本語のテキストです。カタカナー 中文字符，测试。 한국어 텍스트",
          "Привет, мир! Ελληνικά ς Σ ΑΣ İstanbul ẞ हिन्दी पाठ العربية עברית ไทย",
          "def f(x):\n    return x ** 2  # comment\n\n\tfor (int i = 0; i < 10; i++) {\r\n}",
          "👩‍👩‍👧‍👦🇩🇪👍🏽 ok 😀",
          "https://example.org/a?b=c&d=1234567890 3.14159 1,000,000 ١٢٣ Ⅷ ²",
          "<s>a</s> <unk> [CLS] b[SEP] <|end|>x <mask> <0x41><0x0A>",
          "it's IT'S don't do not I 'm . , ? ! ' x ' n't",
          "\u0001\u001f\u007f\u0080\u009f\u00ad\u200b\u200d\u2028\ufeff\ufffd",
          "x\u3000y\u00a0z\u2003w\u0085v\u1680u",
          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
          "안녕하세요 \u1112\u1161\u11ab \u0928\u093f q\u0307\u0323 ab\u0301c");

  private TextSamples() {}
}
