package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.container.gguf.GgufNumbers;
import io.metalmarlin.formats.container.gguf.GgufValue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The `tokenizer.*` keys of a tokenizer that was a SentencePiece model: BPE with byte fallback as
/// model `llama`, unigram as model `t5`.
///
/// Pieces, scores and kinds come from the SentencePiece file where there is one. Without it, the
/// scores of BPE are made of the order of its merge rules ([MergeScores]); llama.cpp's own
/// converter gives all tokens one score then, and other ids come out.
///
/// @param tokenizer the content of `tokenizer.json`
/// @param pieces the SentencePiece file beside it
record SentencePieceKeys(
    TokenTable table, ObjectNode tokenizer, Optional<SentencePieceModel> pieces) {
  private static final Pattern BYTE = Pattern.compile("<0x[0-9A-Fa-f]{2}>");

  boolean unigram() {
    return tokenizer.path("model").path("type").asString("").equals("Unigram");
  }

  /// Everything but special ids and flags, in the converter's order.
  void write(Map<String, GgufValue> out) {
    JsonNode model = tokenizer.path("model");
    if (unigram()) {
      readUnigram(model);
    } else {
      readBpe(model);
    }
    table.add(tokenizer.path("added_tokens"), pieces.isPresent());
    unknown().ifPresent(table::unknown);
    SpaceRules rules = SpaceRules.of(tokenizer, table, unigram());
    table.spellSpaces();
    put(out, "model", GgufValue.of(unigram() ? "t5" : "llama"));
    put(out, "pre", GgufValue.of("default"));
    put(out, "tokens", table.tokens());
    put(out, "scores", table.scores());
    put(out, "token_type", table.types());
    put(out, "add_space_prefix", GgufValue.of(rules.addsSpace()));
    if (unigram()) {
      put(out, "remove_extra_whitespaces", GgufValue.of(rules.dropsSpaces()));
      if (rules.charsmap().length > 0) {
        put(out, "precompiled_charsmap", GgufNumbers.uint8(rules.charsmap()));
      }
    }
  }

  private static void put(Map<String, GgufValue> out, String key, GgufValue value) {
    out.put(GgufVocabulary.PREFIX + key, value);
  }

  /// The id of the unknown token, which the model names or numbers.
  OptionalInt unknown() {
    JsonNode model = tokenizer.path("model");
    int id =
        unigram()
            ? model.path("unk_id").asInt(-1)
            : table.indexOf(model.path("unk_token").asString(""));
    return table.has(id) ? OptionalInt.of(id) : OptionalInt.empty();
  }

  private void readUnigram(JsonNode model) {
    if (model.path("byte_fallback").asBoolean(false)) {
      throw table.malformed(
          "a Unigram tokenizer with byte_fallback: llama.cpp has no bytes for unknown characters"
              + " in model t5");
    }
    int id = 0;
    for (JsonNode entry : model.path("vocab")) {
      JsonNode score = entry.path(1);
      if (!entry.path(0).isString()
          || !score.isNumber()
          || !Float.isFinite((float) score.doubleValue())) {
        throw table.malformed("vocab[%d] is %s, not a token and its score".formatted(id, entry));
      }
      table.set(id, entry.path(0).stringValue(), TokenKind.NORMAL);
      table.score(id++, (float) score.doubleValue());
    }
    pieces.ifPresent(this::readKinds);
  }

  private void readBpe(JsonNode model) {
    for (Map.Entry<String, JsonNode> e : model.path("vocab").properties()) {
      String token = e.getKey();
      boolean isByte = BYTE.matcher(token).matches();
      table.set(e.getValue(), token, isByte ? TokenKind.BYTE : TokenKind.NORMAL);
    }
    if (pieces.isPresent()) {
      readKinds(pieces.get());
    } else {
      readMerges(model.path("merges"));
    }
  }

  /// Scores and kinds of the pieces, which must be the tokens of `tokenizer.json`, but for those
  /// that it renames as added tokens.
  private void readKinds(SentencePieceModel model) {
    Set<Integer> added = addedIds();
    if (model.unigram() != unigram() || model.spaceAsSuffix()) {
      throw table.malformed(
          model.where()
              + (model.spaceAsSuffix()
                  ? " treats spaces as suffixes, which llama.cpp has no key for"
                  : " is of another type than tokenizer.json: one is Unigram, one BPE"));
    }
    if (model.pieces().size() > table.size()) {
      throw table.malformed(
          "%s has %d pieces, the model's vocabulary has %d"
              .formatted(model.where(), model.pieces().size(), table.size()));
    }
    for (int id = 0; id < model.pieces().size(); id++) {
      SentencePieceModel.Piece piece = model.pieces().get(id);
      boolean same = table.token(id).equals(piece.text());
      if (!same && table.kind(id) != TokenKind.UNUSED && !added.contains(id)) {
        throw table.malformed(
            "token %d is \"%s\", in %s it is \"%s\""
                .formatted(id, table.token(id), model.where(), piece.text()));
      }
      if (!same && !added.contains(id)) {
        table.set(id, piece.text(), piece.kind());
      }
      table.kind(id, piece.kind());
      table.score(id, piece.score());
    }
  }

  private void readMerges(JsonNode list) {
    List<MergeScores.Rule> rules = new ArrayList<>(list.size());
    for (JsonNode rule : list) {
      String[] two =
          rule.isString()
              ? rule.stringValue().split(" ", -1)
              : new String[] {rule.path(0).asString(""), rule.path(1).asString("")};
      if (two.length != 2 || two[0].isEmpty() || two[1].isEmpty()) {
        throw table.malformed("merge " + rules.size() + " is " + rule);
      }
      rules.add(new MergeScores.Rule(two[0], two[1]));
    }
    MergeScores merges = new MergeScores(rules);
    MergeScores.Gaps gaps = merges.gaps(mergeable());
    if (gaps.count() > 0) {
      throw table.malformed(
          "%d ways to make a token are no merge rule (the first: %s), and in GGUF every way is one:"
                  .formatted(gaps.count(), gaps.example())
              + " llama.cpp would give other ids. A tokenizer.model beside it, if the model has"
              + " one, says the scores");
    }
    Map<String, Float> scores = merges.scores();
    for (int id = 0; id < table.size(); id++) {
      Float score = scores.get(table.token(id));
      // Characters are not merged from anything; behind all that are.
      table.score(id, score == null ? -scores.size() : score);
    }
  }

  private Set<Integer> addedIds() {
    Set<Integer> ids = new HashSet<>();
    tokenizer.path("added_tokens").forEach(t -> ids.add(t.path("id").asInt(-1)));
    return ids;
  }

  private Set<String> mergeable() {
    Set<Integer> added = addedIds();
    Set<String> all = new LinkedHashSet<>();
    for (int id = 0; id < table.size(); id++) {
      if (table.kind(id) == TokenKind.NORMAL && !added.contains(id)) {
        all.add(table.token(id));
      }
    }
    return all;
  }
}
