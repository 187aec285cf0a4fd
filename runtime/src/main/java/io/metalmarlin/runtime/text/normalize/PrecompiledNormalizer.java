package io.metalmarlin.runtime.text.normalize;

import io.metalmarlin.runtime.text.spec.Spec;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The `Precompiled` normalizer as the `tokenizers` library runs a SentencePiece charsmap: on short
/// grapheme clusters as a whole, otherwise on each character, and replacing all of what it looked
/// up by the shortest entry that matches its beginning. SentencePiece itself takes the longest
/// entry at each position; see `sentencepiece.PieceNormalizer`.
record PrecompiledNormalizer(Charsmap map) implements TextNormalizer {
  /// Longer clusters are looked up character by character.
  private static final int LONGEST_CLUSTER = 5;

  private static final Pattern CLUSTER = Pattern.compile("\\X");

  static TextNormalizer of(Spec spec) {
    String text = spec.text("precompiled_charsmap", "");
    if (text.isEmpty()) {
      return NONE;
    }
    try {
      return new PrecompiledNormalizer(Charsmap.of(Base64.getDecoder().decode(text)));
    } catch (IllegalArgumentException e) {
      throw spec.errors()
          .malformed("normalizer Precompiled precompiled_charsmap: " + e.getMessage(), e);
    }
  }

  @Override
  public String apply(String text, boolean first) {
    StringBuilder out = new StringBuilder(text.length());
    Matcher clusters = CLUSTER.matcher(text);
    while (clusters.find()) {
      String cluster = clusters.group();
      if (cluster.length() > LONGEST_CLUSTER || !replaced(cluster, LONGEST_CLUSTER, out)) {
        cluster
            .codePoints()
            .mapToObj(Character::toString)
            .filter(c -> !replaced(c, Integer.MAX_VALUE, out))
            .forEach(out::append);
      }
    }
    return out.toString();
  }

  private boolean replaced(String part, int atMost, StringBuilder out) {
    byte[] utf8 = part.getBytes(StandardCharsets.UTF_8);
    Charsmap.Match match = utf8.length > atMost ? null : map.shortest(utf8, 0, utf8.length);
    if (match == null) {
      return false;
    }
    out.append(match.replacement());
    return true;
  }
}
