package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.gguf.GgufValue;
import io.metalmarlin.formats.model.ModelConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The `tokenizer.*` keys of a Hugging Face tokenizer: byte-level BPE here, what was a
/// SentencePiece model in [SentencePieceKeys].
///
/// As llama.cpp's converter does it: special tokens, and tokens that look special, are control
/// tokens; other added tokens are user-defined; ids without a token are filled with `[PADn]`. A
/// normalizer of byte-level BPE has no place in the format and is left out.
final class TokenizerKeys {
  private final Path file;
  private final ObjectNode tokenizer;
  private final TokenTable table;
  private final SequencedMap<String, GgufValue> out = new LinkedHashMap<>();

  private TokenizerKeys(Path file, ObjectNode tokenizer, ModelConfig config) {
    this.file = file;
    this.tokenizer = tokenizer;
    this.table = new TokenTable(file.toString(), config.requireInt("vocab_size"));
  }

  /// The keys in the converter's order.
  ///
  /// @param file `tokenizer.json`, for messages
  /// @param tokenizer its content
  /// @param settings the content of `tokenizer_config.json`; may be empty
  /// @param config of the model: the size of the vocabulary and the ids of its special tokens
  /// @param template the chat template where it stands in a file of its own
  /// @param pieces the SentencePiece file beside it, which is asked only for a tokenizer that was
  ///   made of one
  /// @throws MarlinException `TOKENIZER_MALFORMED` for a tokenizer that is damaged or has no name
  ///   in GGUF
  static SequencedMap<String, GgufValue> of(
      Path file,
      ObjectNode tokenizer,
      ObjectNode settings,
      ModelConfig config,
      Optional<String> template,
      Optional<SentencePieceModel> pieces) {
    TokenizerKeys keys = new TokenizerKeys(file, tokenizer, config);
    SpecialTokens special =
        new SpecialTokens(keys.table, settings, config, tokenizer.path("post_processor"));
    if (isSentencePiece(tokenizer)) {
      SentencePieceKeys all = new SentencePieceKeys(keys.table, tokenizer, pieces);
      all.write(keys.out);
      special.write(keys.out);
      all.unknown().ifPresent(id -> keys.put("unknown_token_id", GgufValue.uint32(id)));
      keys.put("add_bos_token", GgufValue.of(special.addsBos()));
      keys.put("add_eos_token", GgufValue.of(special.addsEos()));
    } else {
      keys.writeByteLevel();
      special.write(keys.out);
      keys.put("add_bos_token", GgufValue.of(special.addsBos()));
    }
    template
        .or(() ->
            Optional.of(settings.path("chat_template"))
                .filter(JsonNode::isString)
                .map(JsonNode::stringValue))
        .ifPresent(t -> keys.out.put("tokenizer.chat_template", GgufValue.of(t)));
    return keys.out;
  }

  /// Whether a `tokenizer.json` is what transformers makes of a SentencePiece model.
  static boolean isSentencePiece(ObjectNode tokenizer) {
    JsonNode model = tokenizer.path("model");
    return switch (model.path("type").asString("BPE")) {
      case "BPE" -> model.path("byte_fallback").asBoolean(false);
      case "Unigram" -> true;
      default -> false;
    };
  }

  private void writeByteLevel() {
    JsonNode model = tokenizer.path("model");
    String kind = model.path("type").asString("BPE");
    if (!kind.equals("BPE")) {
      throw table.malformed(
          "a tokenizer of type %s cannot be written into GGUF, only BPE and Unigram can"
              .formatted(kind));
    }
    PreTokenizer pre =
        PreTokenizers.of(
            tokenizer.path("pre_tokenizer"),
            model.path("ignore_merges").asBoolean(false),
            file.toString());
    put("model", GgufValue.of("gpt2"));
    put("pre", GgufValue.of(pre.names().getFirst()));
    for (Map.Entry<String, JsonNode> e : model.path("vocab").properties()) {
      table.set(e.getValue(), e.getKey(), TokenKind.NORMAL);
    }
    table.add(tokenizer.path("added_tokens"), false);
    put("tokens", table.tokens());
    put("token_type", table.types());
    put("merges", new GgufValue.Texts(merges(model.path("merges"))));
  }

  private void put(String key, GgufValue value) {
    out.put(GgufVocabulary.PREFIX + key, value);
  }

  private List<String> merges(JsonNode rules) {
    List<String> all = new ArrayList<>(rules.size());
    for (JsonNode rule : rules) {
      if (rule.isArray() && rule.size() == 2) {
        all.add(rule.get(0).asString("") + " " + rule.get(1).asString(""));
      } else if (rule.isString()) {
        all.add(rule.stringValue());
      } else {
        throw table.malformed("merge " + all.size() + " is " + rule);
      }
    }
    return all;
  }
}
