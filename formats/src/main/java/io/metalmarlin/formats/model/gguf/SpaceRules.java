package io.metalmarlin.formats.model.gguf;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// What the `normalizer` and `pre_tokenizer` of a SentencePiece-like `tokenizer.json` do, as far as
/// GGUF has a key for it; anything else is refused by name.
final class SpaceRules {
  private static final String SPACE = "\u2581";

  private final TokenTable table;
  private final boolean unigram;
  private boolean addsSpace;
  private boolean dropsSpaces;
  private boolean spellsSpaces;
  private boolean cutsAtSpaces;
  private byte[] charsmap = {};

  private SpaceRules(TokenTable table, boolean unigram) {
    this.table = table;
    this.unigram = unigram;
  }

  /// @param unigram whether llama.cpp would normalize characters and drop spaces if told to
  static SpaceRules of(JsonNode tokenizer, TokenTable table, boolean unigram) {
    SpaceRules rules = new SpaceRules(table, unigram);
    steps(tokenizer.path("normalizer"), "normalizers").forEach(rules::normalizer);
    steps(tokenizer.path("pre_tokenizer"), "pretokenizers").forEach(rules::preTokenizer);
    if (!rules.spellsSpaces) {
      throw table.malformed("nothing in it writes spaces as U+2581, as SentencePiece does");
    }
    if (rules.cutsAtSpaces) {
      rules.requireNoTokenAcrossSpaces();
    }
    return rules;
  }

  boolean addsSpace() {
    return addsSpace;
  }

  boolean dropsSpaces() {
    return dropsSpaces;
  }

  byte[] charsmap() {
    return charsmap;
  }

  private static List<JsonNode> steps(JsonNode node, String list) {
    List<JsonNode> all = new ArrayList<>();
    if (node.path("type").asString("").equals("Sequence")) {
      node.path(list).forEach(n -> all.addAll(steps(n, list)));
    } else if (node.isObject()) {
      all.add(node);
    }
    return all;
  }

  private void normalizer(JsonNode step) {
    String pattern = step.path("pattern").path("String").asString("");
    String regex = step.path("pattern").path("Regex").asString("");
    String content = step.path("content").asString("");
    switch (step.path("type").asString("")) {
      case "Prepend" -> {
        addsSpace = true;
        require(step.path("prepend").asString("").equals(SPACE), "normalizer", step);
      }
      case "Replace" -> {
        boolean spells = pattern.equals(" ") && content.equals(SPACE);
        boolean merges =
            unigram && regex.equals(" {2,}") && (content.equals(SPACE) || content.equals(" "));
        require(spells || merges, "normalizer", step);
        spellsSpaces |= spells;
        dropsSpaces |= merges;
      }
      case "Precompiled" -> charsmap = charsmap(step);
      // Only together with merged spaces, which drop those at the ends.
      case "Strip" -> require(unigram, "normalizer", step);
      default -> require(false, "normalizer", step);
    }
  }

  private byte[] charsmap(JsonNode step) {
    JsonNode text = step.path("precompiled_charsmap");
    try {
      byte[] map = Base64.getDecoder().decode(text.asString(""));
      require(unigram || map.length == 0, "normalizer Precompiled", text);
      return map;
    } catch (IllegalArgumentException e) {
      throw table.malformed("precompiled_charsmap is not base64: " + e.getMessage());
    }
  }

  private void preTokenizer(JsonNode step) {
    switch (step.path("type").asString("")) {
      case "Metaspace" -> {
        require(step.path("replacement").asString(SPACE).equals(SPACE), "pre_tokenizer", step);
        String scheme = step.path("prepend_scheme").asString("");
        addsSpace |=
            scheme.isEmpty()
                ? step.path("add_prefix_space").asBoolean(true)
                : !scheme.equals("never");
        spellsSpaces = true;
        cutsAtSpaces |= step.path("split").asBoolean(true);
      }
      case "WhitespaceSplit" -> {
        require(unigram, "pre_tokenizer", step);
        dropsSpaces = true;
      }
      // Gemma's cuts at spaces that the normalizer has already taken away.
      case "Split" ->
          require(
              spellsSpaces && step.path("pattern").path("String").asString("").equals(" "),
              "pre_tokenizer",
              step);
      default -> require(false, "pre_tokenizer", step);
    }
  }

  /// llama.cpp does not cut at spaces; that makes no difference while no token goes across one.
  private void requireNoTokenAcrossSpaces() {
    for (int id = 0; id < table.size(); id++) {
      if (table.kind(id) == TokenKind.NORMAL && table.token(id).indexOf(SPACE, 1) > 0) {
        throw table.malformed(
            "texts are cut at spaces, but token %d \"%s\" goes across one: llama.cpp would use it"
                .formatted(id, table.token(id)));
      }
    }
  }

  private void require(boolean sayable, String part, JsonNode step) {
    if (!sayable) {
      String shown = step.toString();
      throw table.malformed(
          "%s %s has no place in a GGUF tokenizer of model %s"
              .formatted(
                  part,
                  shown.length() > 200 ? shown.substring(0, 200) + "..." : shown,
                  unigram ? "t5" : "llama"));
    }
  }
}
