package io.metalmarlin.formats.model.gguf;

import java.util.Base64;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A SentencePiece file without a `tokenizer.json`: what the latter would say of it.
final class PiecesAlone {
  private static final String SPACE = "\u2581";

  private PiecesAlone() {}

  /// @param settings the content of `tokenizer_config.json`, whose `added_tokens_decoder` has the
  ///   last word on a token
  /// @param added the content of `added_tokens.json`: ids by token
  static ObjectNode tokenizer(SentencePieceModel pieces, JsonNode settings, JsonNode added) {
    ObjectNode out = JsonMapper.shared().createObjectNode();
    ArrayNode tokens = out.putArray("added_tokens");
    for (Map.Entry<String, JsonNode> e : added.properties()) {
      if (!knows(pieces, e.getValue().asInt(-1), e.getKey())) {
        tokens.addObject().put("content", e.getKey()).set("id", e.getValue());
      }
    }
    for (Map.Entry<String, JsonNode> e : settings.path("added_tokens_decoder").properties()) {
      if (e.getValue() instanceof ObjectNode token && e.getKey().matches("\\d{1,9}")) {
        tokens.add(token.deepCopy().put("id", Integer.parseInt(e.getKey())));
      }
    }
    normalizer(pieces, out);
    ObjectNode model = out.putObject("model").put("type", pieces.unigram() ? "Unigram" : "BPE");
    model.put("byte_fallback", pieces.byteFallback());
    model.put("unk_id", unknown(pieces));
    model.put("unk_token", pieces.pieces().get(Math.max(0, unknown(pieces))).text());
    if (pieces.unigram()) {
      ArrayNode vocab = model.putArray("vocab");
      pieces.pieces().forEach(p -> vocab.addArray().add(p.text()).add(p.score()));
    }
    return out;
  }

  /// Whether a token is a piece, whose kind is in the file. Some list them once more.
  private static boolean knows(SentencePieceModel pieces, int id, String token) {
    return id >= 0 && id < pieces.pieces().size() && pieces.pieces().get(id).text().equals(token);
  }

  private static int unknown(SentencePieceModel pieces) {
    return pieces.pieces().stream()
        .map(SentencePieceModel.Piece::kind)
        .toList()
        .indexOf(TokenKind.UNKNOWN);
  }

  private static void normalizer(SentencePieceModel pieces, ObjectNode out) {
    ArrayNode steps = out.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
    if (pieces.charsmap().length > 0) {
      String map = Base64.getEncoder().encodeToString(pieces.charsmap());
      steps.addObject().put("type", "Precompiled").put("precompiled_charsmap", map);
    }
    if (pieces.dropsSpaces() && pieces.unigram()) {
      ObjectNode merge = steps.addObject().put("type", "Replace").put("content", " ");
      merge.putObject("pattern").put("Regex", " {2,}");
    }
    if (pieces.addsSpace()) {
      steps.addObject().put("type", "Prepend").put("prepend", SPACE);
    }
    ObjectNode spell = steps.addObject().put("type", "Replace").put("content", SPACE);
    spell.putObject("pattern").put("String", " ");
  }

  /// The settings with what the classes of these tokenizers do where they say nothing: begin tokens
  /// for BPE (Llama), end tokens for unigram (T5).
  static ObjectNode settings(SentencePieceModel pieces, ObjectNode settings) {
    ObjectNode out = settings.deepCopy();
    String key = pieces.unigram() ? "add_eos_token" : "add_bos_token";
    if (!out.path(key).isBoolean()) {
      out.put(key, true);
    }
    return out;
  }
}
