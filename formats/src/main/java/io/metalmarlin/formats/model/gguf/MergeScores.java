package io.metalmarlin.formats.model.gguf;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Scores that make a SentencePiece tokenizer merge as a list of rules does.
///
/// A GGUF file of model `llama` has no rules: llama.cpp merges those two neighbours first whose
/// union has the highest score, whatever they are. That is the same as a list of rules when every
/// way to make a token is a rule, as in all lists that were made of a SentencePiece model. Tokens
/// whose rules stand among each other's had one score there and have one here.
record MergeScores(List<Rule> rules) {
  record Rule(String left, String right) {}

  /// Ways to make a token that are no rule.
  ///
  /// @param example of the first of them
  record Gaps(int count, String example) {}

  private static final class Span {
    private final String token;
    private final int first;
    private int last;

    Span(String token, int rank) {
      this.token = token;
      this.first = rank;
      this.last = rank;
    }
  }

  /// @param tokens what can be merged and what merging can make
  Gaps gaps(Set<String> tokens) {
    Set<Rule> known = new HashSet<>(rules);
    int count = 0;
    String example = "";
    for (String token : tokens) {
      for (int at = 1; at < token.length(); at++) {
        if (Character.isLowSurrogate(token.charAt(at))) {
          continue;
        }
        Rule way = new Rule(token.substring(0, at), token.substring(at));
        if (tokens.contains(way.left()) && tokens.contains(way.right()) && !known.contains(way)) {
          example = count == 0 ? "\"" + way.left() + "\" + \"" + way.right() + "\"" : example;
          count++;
        }
      }
    }
    return new Gaps(count, example);
  }

  /// 0 for the first token that is made, less for the later ones.
  Map<String, Float> scores() {
    Map<String, Span> spans = new HashMap<>();
    for (int rank = 0; rank < rules.size(); rank++) {
      String made = rules.get(rank).left() + rules.get(rank).right();
      int at = rank;
      spans.computeIfAbsent(made, m -> new Span(m, at)).last = rank;
    }
    List<Span> order = new ArrayList<>(spans.values());
    order.sort(Comparator.comparingInt(s -> s.first));
    Map<String, Float> scores = HashMap.newHashMap(order.size());
    int reach = -1;
    float score = 1;
    for (Span span : order) {
      if (span.first > reach) {
        score--;
      }
      reach = Math.max(reach, span.last);
      scores.put(span.token, score);
    }
    return scores;
  }
}
