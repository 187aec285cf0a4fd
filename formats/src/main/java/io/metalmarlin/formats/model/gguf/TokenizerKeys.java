package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.gguf.GgufNumbers;
import io.metalmarlin.formats.container.gguf.GgufValue;
import io.metalmarlin.formats.model.ModelConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The `tokenizer.*` keys of a Hugging Face tokenizer with byte-level BPE.
///
/// As llama.cpp's converter does it: special tokens, and tokens that look special, are control
/// tokens; other added tokens are user-defined; ids without a token are filled with `[PADn]`. A
/// normalizer has no place in the format and is left out.
public final class TokenizerKeys {
  private final Path file;
  private final ObjectNode tokenizer;
  private final ObjectNode settings;
  private final ModelConfig config;
  private final SequencedMap<String, GgufValue> out = new LinkedHashMap<>();
  private final @Nullable String[] tokens;
  private final int[] types;

  private TokenizerKeys(Path file, ObjectNode tokenizer, ObjectNode settings, ModelConfig config) {
    this.file = file;
    this.tokenizer = tokenizer;
    this.settings = settings;
    this.config = config;
    this.tokens = new @Nullable String[config.requireInt("vocab_size")];
    this.types = new int[tokens.length];
  }

  /// The keys in the converter's order.
  ///
  /// @param file `tokenizer.json`, for messages
  /// @param tokenizer its content
  /// @param settings the content of `tokenizer_config.json`; may be empty
  /// @param config of the model: the size of the vocabulary and the ids of its special tokens
  /// @param template the chat template where it stands in a file of its own
  /// @throws MarlinException `TOKENIZER_MALFORMED` for a tokenizer that is damaged or has no name
  ///   in GGUF
  public static SequencedMap<String, GgufValue> of(
      Path file,
      ObjectNode tokenizer,
      ObjectNode settings,
      ModelConfig config,
      Optional<String> template) {
    TokenizerKeys keys = new TokenizerKeys(file, tokenizer, settings, config);
    keys.write(template);
    return keys.out;
  }

  private void write(Optional<String> template) {
    JsonNode model = tokenizer.path("model");
    String kind = model.path("type").asString("BPE");
    if (!kind.equals("BPE") || model.path("byte_fallback").asBoolean(false)) {
      throw malformed(
          "a tokenizer of type %s%s cannot be written into GGUF, only byte-level BPE can"
              .formatted(kind, kind.equals("BPE") ? " with byte fallback (SentencePiece)" : ""));
    }
    PreTokenizer pre =
        PreTokenizers.of(
            tokenizer.path("pre_tokenizer"),
            model.path("ignore_merges").asBoolean(false),
            file.toString());
    put("model", GgufValue.of("gpt2"));
    put("pre", GgufValue.of(pre.names().getFirst()));
    readTokens(model.path("vocab"));
    put("tokens", new GgufValue.Texts(Arrays.asList(tokens)));
    put("token_type", GgufNumbers.int32(types));
    put("merges", new GgufValue.Texts(merges(model.path("merges"))));
    OptionalInt bos = id("bos");
    bos.ifPresent(id -> put("bos_token_id", GgufValue.uint32(id)));
    id("eos").ifPresent(id -> put("eos_token_id", GgufValue.uint32(id)));
    id("unk").ifPresent(id -> put("unknown_token_id", GgufValue.uint32(id)));
    id("pad").ifPresent(id -> put("padding_token_id", GgufValue.uint32(id)));
    put("add_bos_token", GgufValue.of(addsBos(bos)));
    template
        .or(() ->
            Optional.of(settings.path("chat_template"))
                .filter(JsonNode::isString)
                .map(JsonNode::stringValue))
        .ifPresent(t -> out.put("tokenizer.chat_template", GgufValue.of(t)));
  }

  private void put(String key, GgufValue value) {
    out.put(GgufVocabulary.PREFIX + key, value);
  }

  private void readTokens(JsonNode vocab) {
    Arrays.fill(types, TokenKind.UNUSED.id());
    for (Map.Entry<String, JsonNode> e : vocab.properties()) {
      set(e.getValue(), e.getKey(), TokenKind.NORMAL);
    }
    for (JsonNode t : tokenizer.path("added_tokens")) {
      String content = t.path("content").asString("");
      boolean control = t.path("special").asBoolean(false) || looksSpecial(content);
      set(t.path("id"), content, control ? TokenKind.CONTROL : TokenKind.USER_DEFINED);
    }
    for (int id = 0; id < tokens.length; id++) {
      if (types[id] == TokenKind.UNUSED.id()) {
        tokens[id] = "[PAD" + id + "]";
      }
    }
  }

  private void set(JsonNode id, String token, TokenKind kind) {
    if (!id.isIntegralNumber()
        || !id.canConvertToInt()
        || id.intValue() < 0
        || id.intValue() >= tokens.length) {
      throw malformed(
          "token \"%s\" has id %s, the model's vocabulary has %d"
              .formatted(token, id, tokens.length));
    }
    String other = tokens[id.intValue()];
    if (other != null && !other.equals(token)) {
      throw malformed(
          "id %d belongs to \"%s\" and to \"%s\"".formatted(id.intValue(), other, token));
    }
    tokens[id.intValue()] = token;
    types[id.intValue()] = kind.id();
  }

  /// Some tokenizers have markers that they do not call special.
  private static boolean looksSpecial(String token) {
    return token.startsWith("<|") && token.endsWith("|>")
        || token.startsWith("<\uff5c") && token.endsWith("\uff5c>");
  }

  private List<String> merges(JsonNode rules) {
    List<String> all = new ArrayList<>(rules.size());
    for (JsonNode rule : rules) {
      if (rule.isArray() && rule.size() == 2) {
        all.add(rule.get(0).asString("") + " " + rule.get(1).asString(""));
      } else if (rule.isString()) {
        all.add(rule.stringValue());
      } else {
        throw malformed("merge " + all.size() + " is " + rule);
      }
    }
    return all;
  }

  /// The id of a special token: the token that `tokenizer_config.json` names, else the first id in
  /// `config.json`.
  private OptionalInt id(String name) {
    JsonNode token = settings.path(name + "_token");
    String text = (token.isObject() ? token.path("content") : token).asString("");
    if (!text.isEmpty()) {
      int id = Arrays.asList(tokens).indexOf(text);
      if (id >= 0) {
        return OptionalInt.of(id);
      }
    }
    JsonNode ids = config.root().path(name + "_token_id");
    JsonNode first = ids.isArray() ? ids.path(0) : ids;
    return first.isIntegralNumber()
            && first.canConvertToInt()
            && first.intValue() >= 0
            && first.intValue() < tokens.length
        ? OptionalInt.of(first.intValue())
        : OptionalInt.empty();
  }

  /// Whether texts begin with the begin token: what the settings say, else whether the template of
  /// the post-processor puts it there.
  private boolean addsBos(OptionalInt bos) {
    JsonNode said = settings.path("add_bos_token");
    if (said.isBoolean() || bos.isEmpty()) {
      return said.asBoolean(false);
    }
    String token = tokens[bos.getAsInt()];
    return templates(tokenizer.path("post_processor")).stream()
        .map(t -> t.path("single").path(0).path("SpecialToken").path("id").asString(""))
        .anyMatch(first -> first.equals(token));
  }

  private static List<JsonNode> templates(JsonNode processor) {
    List<JsonNode> all = new ArrayList<>(List.of(processor));
    processor.path("processors").forEach(all::add);
    return all;
  }

  private MarlinException malformed(String what) {
    return new MarlinException(
        ErrorCode.TOKENIZER_MALFORMED,
        file.toString(),
        what,
        "Use the tokenizer.json of the model's own repository, or write another format.");
  }
}
