package io.metalmarlin.runtime.text;

import io.metalmarlin.runtime.text.normalize.TextNormalizer;
import io.metalmarlin.runtime.text.unicode.Characters;
import io.metalmarlin.runtime.text.vocabulary.AddedToken;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Cuts added tokens out of a text: at each position the longest one, from left to right, not
/// overlapping (leftmost-longest, as the reference's Aho-Corasick automaton finds them). In white
/// space that a token took with it others are found again, unless they strip to their left.
final class AddedTokenMatcher {
  /// Receives the parts of the text in order.
  interface Sink {
    /// Text between added tokens, never empty.
    void text(String text, int start, int end);

    void token(int id);
  }

  private final Node root = new Node();
  private final BitSet first = new BitSet();

  /// @param normalizer what is done to the tokens' strings first
  AddedTokenMatcher(List<AddedToken> tokens, TextNormalizer normalizer) {
    for (AddedToken token : tokens) {
      Node node = root;
      String content = normalizer.apply(token.content(), false);
      for (int i = 0; i < content.length(); i++) {
        node = node.next.computeIfAbsent(content.charAt(i), c -> new Node());
      }
      if (node != root) {
        node.token = token;
        node.length = content.length();
        first.set(content.charAt(0));
      }
    }
  }

  /// Hands all of `text[from, to)` to the sink.
  void cut(String text, int from, int to, Sink sink) {
    int done = from;
    int at = first.isEmpty() ? to : from;
    while (at < to) {
      Node match = first.get(text.charAt(at)) ? longest(text, at, to) : null;
      if (match == null) {
        at++;
        continue;
      }
      AddedToken token = match.token;
      int start = at;
      int end = at + match.length;
      at = end;
      // A match that stands inside a word is dropped, but not looked into again.
      if (token == null || token.singleWord() && insideWord(text, from, to, start, end)) {
        continue;
      }
      if (token.stripLeft()) {
        start = leftmostSpace(text, start, done);
      }
      while (token.stripRight() && end < to && Characters.isSpace(text.charAt(end))) {
        end++;
      }
      if (start >= end) {
        continue;
      }
      if (done < start) {
        sink.text(text, done, start);
      }
      sink.token(token.id());
      done = end;
    }
    if (done < to) {
      sink.text(text, done, to);
    }
  }

  /// Where the white space before `start` begins, or `done` if that is further right.
  private static int leftmostSpace(String text, int start, int done) {
    int at = start;
    while (at > done && Characters.isSpace(text.charAt(at - 1))) {
      at--;
    }
    return Math.max(at, done);
  }

  private @Nullable Node longest(String text, int at, int to) {
    Node best = null;
    Node node = root;
    for (int i = at; i < to; i++) {
      node = node.next.get(text.charAt(i));
      if (node == null) {
        break;
      }
      best = node.token == null ? best : node;
    }
    return best;
  }

  private static boolean insideWord(String text, int from, int to, int start, int end) {
    return start > from && Characters.isWord(text.codePointBefore(start))
        || end < to && Characters.isWord(text.codePointAt(end));
  }

  private static final class Node {
    final Map<Character, Node> next = new HashMap<>(2);
    @Nullable AddedToken token;
    int length;
  }
}
