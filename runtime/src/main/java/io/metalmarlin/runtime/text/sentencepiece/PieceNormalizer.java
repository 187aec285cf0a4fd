package io.metalmarlin.runtime.text.sentencepiece;

import io.metalmarlin.formats.model.gguf.SentencePieceModel;
import io.metalmarlin.runtime.text.normalize.Charsmap;
import io.metalmarlin.runtime.text.normalize.TextNormalizer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// SentencePiece's normalizer: at each place the longest entry of the charsmap, user-defined pieces
/// as they are, then the rules for spaces.
final class PieceNormalizer implements TextNormalizer {
  private static final String MARK = "\u2581";

  private final SentencePieceModel model;
  private final @Nullable Charsmap map;
  private final PrefixMatcher userDefined;
  private final boolean everywhere;

  /// @param everywhere whether a text behind a special token gets a space in front, too
  PieceNormalizer(
      SentencePieceModel model,
      @Nullable Charsmap map,
      PrefixMatcher userDefined,
      boolean everywhere) {
    this.model = model;
    this.map = map;
    this.userDefined = userDefined;
    this.everywhere = everywhere;
  }

  @Override
  public String apply(String text, boolean first) {
    StringBuilder out = new StringBuilder(text.length() + 1);
    boolean space = model.dropsSpaces();
    boolean empty = true;
    byte[] utf8 = map == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
    int at = 0;
    int byteAt = 0;
    while (at < text.length()) {
      int from = at;
      String part;
      long piece = userDefined.longest(text, at);
      Charsmap.Match match =
          piece >= 0 || map == null ? null : map.longest(utf8, byteAt, utf8.length);
      if (piece >= 0) {
        part = text.substring(at, at + (int) (piece >>> 32));
        at += part.length();
      } else if (match != null) {
        part = match.replacement();
        at = advance(text, at, match.length());
      } else {
        int c = text.codePointAt(at);
        at += Character.charCount(c);
        part = Character.toString(c);
      }
      byteAt += map == null ? 0 : utf8Length(text, from, at);
      // Spaces at the beginning are gone before the space in front is thought of.
      if (empty && model.dropsSpaces() && part.equals(" ")) {
        continue;
      }
      if (empty) {
        out.append(prefix(first));
        empty = false;
      }
      space = append(part, space, out);
    }
    return ended(out, first);
  }

  private String prefix(boolean first) {
    return model.addsSpace() && !model.spaceAsSuffix() && (first || everywhere) ? mark() : "";
  }

  /// Appends a part without the spaces that follow a space; says whether a space is at the end now.
  private boolean append(String part, boolean behindSpace, StringBuilder out) {
    int start = 0;
    while (behindSpace && start < part.length() && part.charAt(start) == ' ') {
      start++;
    }
    String rest = part.substring(start);
    out.append(model.marksSpaces() ? rest.replace(" ", MARK) : rest);
    boolean space = rest.isEmpty() ? behindSpace : rest.endsWith(" ");
    return space && model.dropsSpaces();
  }

  private String ended(StringBuilder out, boolean first) {
    while (model.dropsSpaces() && endsWithMark(out)) {
      out.setLength(out.length() - 1);
    }
    if (model.addsSpace() && model.spaceAsSuffix() && !out.isEmpty() && (first || everywhere)) {
      out.append(mark());
    }
    return out.toString();
  }

  private boolean endsWithMark(StringBuilder out) {
    return !out.isEmpty() && out.charAt(out.length() - 1) == mark().charAt(0);
  }

  private String mark() {
    return model.marksSpaces() ? MARK : " ";
  }

  /// The place `bytes` of UTF-8 further on; an entry that ends inside a character takes all of it.
  private static int advance(String text, int from, int bytes) {
    int at = from;
    int left = bytes;
    while (left > 0 && at < text.length()) {
      int c = text.codePointAt(at);
      at += Character.charCount(c);
      left -= utf8Length(c);
    }
    return at;
  }

  private static int utf8Length(String text, int from, int to) {
    int bytes = 0;
    for (int i = from; i < to; i += Character.charCount(text.codePointAt(i))) {
      bytes += utf8Length(text.codePointAt(i));
    }
    return bytes;
  }

  private static int utf8Length(int c) {
    return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  }
}
