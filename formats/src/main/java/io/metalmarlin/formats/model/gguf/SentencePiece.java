package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.container.gguf.GgufNumbers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A SentencePiece BPE vocabulary as the `tokenizers` library wants it: spaces as U+2581, unknown
/// characters as bytes, and merge rules, which SentencePiece only has as scores of their results.
///
/// Source of the rules' order: transformers `convert_slow_tokenizer.py`, `generate_merges`.
record SentencePiece(GgufVocabulary vocabulary) {
  private static final String SPACE = "\u2581";

  /// Every way to cut a token is looked at; SentencePiece's own limit is 16 characters.
  private static final int LONGEST = 1024;

  /// @param score of the token that the rule makes
  record Merge(String left, String right, double score) {}

  /// Normalizer, pre-tokenizer and decoder.
  void surroundings(ObjectNode out) {
    boolean prefix = vocabulary.flag("add_space_prefix").orElse(true);
    ObjectNode normalizer = out.putObject("normalizer").put("type", "Sequence");
    ArrayNode steps = normalizer.putArray("normalizers");
    if (prefix) {
      steps.addObject().put("type", "Prepend").put("prepend", SPACE);
    }
    replace(steps.addObject(), " ", SPACE);
    out.putNull("pre_tokenizer");
    ObjectNode decoder = out.putObject("decoder").put("type", "Sequence");
    ArrayNode back = decoder.putArray("decoders");
    replace(back.addObject(), SPACE, " ");
    back.addObject().put("type", "ByteFallback");
    back.addObject().put("type", "Fuse");
    if (prefix) {
      back.addObject().put("type", "Strip").put("content", " ").put("start", 1).put("stop", 0);
    }
  }

  private static void replace(ObjectNode n, String from, String to) {
    n.put("type", "Replace").putObject("pattern").put("String", from);
    n.put("content", to);
  }

  /// All ways to make a token of two others, the best token first.
  List<Merge> merges() {
    GgufNumbers scores =
        vocabulary
            .scores()
            .orElseThrow(() -> vocabulary.malformed("tokenizer.ggml.scores is missing"));
    Map<String, Integer> ids = new HashMap<>();
    for (int id = 0; id < vocabulary.tokens().size(); id++) {
      if (vocabulary.kinds().get(id) == TokenKind.NORMAL
          || vocabulary.kinds().get(id) == TokenKind.USER_DEFINED) {
        ids.putIfAbsent(vocabulary.tokens().get(id), id);
      }
    }
    List<Merge> all = new ArrayList<>();
    for (int id = 0; id < vocabulary.tokens().size(); id++) {
      String token = vocabulary.tokens().get(id);
      if (vocabulary.kinds().get(id) != TokenKind.NORMAL || ids.get(token) != id) {
        continue;
      }
      if (token.length() > LONGEST) {
        throw vocabulary.malformed("token " + id + " has " + token.length() + " characters");
      }
      List<Merge> ways = new ArrayList<>();
      for (int at = 1; at < token.length(); at++) {
        String left = token.substring(0, at);
        String right = token.substring(at);
        if (ids.containsKey(left) && ids.containsKey(right)) {
          ways.add(new Merge(left, right, scores.real(id)));
        }
      }
      ways.sort(
          Comparator.<Merge>comparingInt(m -> ids.get(m.left()))
              .thenComparingInt(m -> ids.get(m.right())));
      all.addAll(ways);
    }
    all.sort(
        Comparator.comparingDouble(Merge::score)
            .thenComparingInt(m -> points(m.left()))
            .thenComparingInt(m -> points(m.right()))
            .reversed());
    return all;
  }

  private static int points(String s) {
    return s.codePointCount(0, s.length());
  }
}
