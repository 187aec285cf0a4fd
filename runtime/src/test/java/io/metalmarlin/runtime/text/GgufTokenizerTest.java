package io.metalmarlin.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.gguf.Gguf;
import io.metalmarlin.formats.container.gguf.GgufCheckpoint;
import io.metalmarlin.formats.container.gguf.GgufMetadata;
import io.metalmarlin.formats.container.gguf.GgufNumbers;
import io.metalmarlin.formats.container.gguf.GgufValue;
import io.metalmarlin.formats.model.gguf.GgufTokenizer;
import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.runtime.load.ModelTexts;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.text.unicode.ByteAlphabet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Tokenizers taken out of GGUF files give the ids of the tokenizers that went into them.
class GgufTokenizerTest {
  private static final String TEXT =
      "Hello  world, it's 12345 o'clock!\n\n\tVous \u00eates l\u00e0? \u4f60\u597d\uff0c\u4e16\u754c \u3053\u3093\u306b\u3061\u306f"
          + " <|im_start|>x<|im_end|> a+b==c; \uD83D\uDE00 \u00bd \u2163 e\u0301 don't WE'LL  \r\n end ";

  private static GgufMetadata metadata(String... file) {
    try (GgufCheckpoint c = Gguf.INSTANCE.open(Shared.path("", file))) {
      return c.typedMetadata();
    }
  }

  private static byte[] json(GgufMetadata m) {
    return GgufTokenizer.tokenizerJson(m).toString().getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void ids_of_a_text_are_those_of_the_original() {
    GgufMetadata m = metadata("packs", "gguf", "Q4_K_M", "model.gguf");
    Tokenizer ours = Tokenizers.of(Path.of("model.gguf"), json(m));
    Tokenizer theirs = Tokenizers.read(Shared.path("models", "qwen3-7m"));
    for (String file : List.of("heldout-mixed.txt", "calib/exl3_multilingual.utf8")) {
      for (String document : TextFiles.read(Shared.path("text", file.split("/")))) {
        assertThat(ours.encode(document)).isEqualTo(theirs.encode(document));
      }
    }
    assertThat(ours.encode(TEXT)).isEqualTo(theirs.encode(TEXT));
    assertThat(ours.decode(ours.encode(TEXT))).isEqualTo(theirs.decode(theirs.encode(TEXT)));
  }

  /// A vocabulary of bytes and two-byte tokens, cut as the name says.
  private static GgufMetadata bytes(String pre) {
    List<String> tokens = new ArrayList<>();
    for (int b = 0; b < 256; b++) {
      tokens.add(String.valueOf(ByteAlphabet.character(b)));
    }
    List<String> merges = new ArrayList<>();
    for (String pair : List.of("12", "34", "e\u0301".substring(0, 1) + "r", "'s", "==", "  ")) {
      byte[] utf8 = pair.getBytes(StandardCharsets.UTF_8);
      String left = tokens.get(utf8[0] & 0xff);
      String right = tokens.get(utf8[1] & 0xff);
      merges.add(left + " " + right);
      tokens.add(left + right);
    }
    tokens.add("<|end|>");
    int[] types = new int[tokens.size()];
    Arrays.fill(types, 1);
    types[types.length - 1] = 3;
    Map<String, GgufValue> values = new LinkedHashMap<>();
    values.put("tokenizer.ggml.model", GgufValue.of("gpt2"));
    values.put("tokenizer.ggml.pre", GgufValue.of(pre));
    values.put("tokenizer.ggml.tokens", new GgufValue.Texts(tokens));
    values.put("tokenizer.ggml.token_type", GgufNumbers.int32(types));
    values.put("tokenizer.ggml.merges", new GgufValue.Texts(merges));
    values.put("tokenizer.ggml.eos_token_id", GgufValue.uint32(types.length - 1));
    return new GgufMetadata("test.gguf", new LinkedHashMap<>(values));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "qwen2",
        "llama-bpe",
        "dbrx",
        "gpt-2",
        "smollm",
        "deepseek-v3",
        "deepseek-llm",
        "deepseek-coder",
        "tekken",
        "gpt-4o",
        "qwen35",
        "bailingmoe",
        "bloom",
        "default"
      })
  void every_known_way_to_cut_runs_as_in_the_tokenizers_library(String pre) throws IOException {
    byte[] json = json(bytes(pre));
    Tokenizer ours = Tokenizers.of(Path.of("test.gguf"), json);
    try (HuggingFaceTokenizer reference =
        TokenizerFiles.reference(
            (tools.jackson.databind.node.ObjectNode) TokenizerFiles.JSON.readTree(json))) {
      List<String> texts = new ArrayList<>(List.of(TEXT, "a<|end|>12", "x 12 123 1234 12345"));
      texts.addAll(
          TextFiles.read(Shared.path("text", "calib", "exl3_multilingual.utf8")).stream()
              .map(t -> t.substring(0, Math.min(t.length(), 20_000)))
              .limit(5)
              .toList());
      for (String text : texts) {
        assertThat(ours.encode(text))
            .isEqualTo(
                Arrays.stream(reference.encode(text, false, false).getIds())
                    .mapToInt(Math::toIntExact)
                    .toArray());
      }
    }
  }

  @Test
  void an_unknown_way_to_cut_is_refused_by_name() {
    assertThatThrownBy(() -> GgufTokenizer.tokenizerJson(bytes("some-bpe")))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.TOKENIZER_MALFORMED))
        .hasMessageContaining("some-bpe");
  }

  /// SentencePiece as llama2.c and llama.cpp run it: join the neighbours with the best score.
  private static List<Integer> naive(GgufMetadata m, String text) {
    List<String> tokens = m.texts("tokenizer.ggml.tokens").orElseThrow();
    GgufNumbers scores = m.numbers("tokenizer.ggml.scores").orElseThrow();
    Map<String, Integer> ids = new HashMap<>();
    for (int i = 0; i < tokens.size(); i++) {
      ids.putIfAbsent(tokens.get(i), i);
    }
    List<String> parts = new ArrayList<>();
    ("\u2581" + text.replace(' ', '\u2581'))
        .codePoints()
        .forEach(c -> parts.add(Character.toString(c)));
    while (true) {
      int best = -1;
      for (int i = 0; i + 1 < parts.size(); i++) {
        Integer id = ids.get(parts.get(i) + parts.get(i + 1));
        if (id != null
            && (best < 0
                || scores.real(id) > scores.real(ids.get(parts.get(best) + parts.get(best + 1))))) {
          best = i;
        }
      }
      if (best < 0) {
        break;
      }
      parts.set(best, parts.get(best) + parts.remove(best + 1));
    }
    List<Integer> out = new ArrayList<>();
    for (String part : parts) {
      if (ids.containsKey(part)) {
        out.add(ids.get(part));
      } else {
        for (byte b : part.getBytes(StandardCharsets.UTF_8)) {
          out.add(ids.get("<0x%02X>".formatted(b & 0xff)));
        }
      }
    }
    return out;
  }

  @Test
  void a_SentencePiece_vocabulary_gives_the_same_ids_in_the_tokenizers_library()
      throws IOException {
    GgufMetadata m = metadata("models", "stories260K", "stories260K-f32.gguf");
    try (HuggingFaceTokenizer reference =
        TokenizerFiles.reference(GgufTokenizer.tokenizerJson(m))) {
      for (String text :
          List.of(
              "Once upon a time, there was a little girl named Lily.",
              "She loved to play outside  in the park; she'd smile: \u00e9\u4f60 \uD83D\uDE00 12",
              Files.readString(Shared.path("text", "heldout-mixed.txt")).substring(0, 3000))) {
        assertThat(
                Arrays.stream(reference.encode(text, false, false).getIds())
                    .mapToObj(i -> (int) i)
                    .toList())
            .isEqualTo(naive(m, text));
      }
    }
  }

  @Test
  void special_tokens_and_the_chat_template_stand_in_the_configuration() {
    Map<String, GgufValue> more = Map.of("tokenizer.chat_template", GgufValue.of("{{ messages }}"));
    var config = GgufTokenizer.tokenizerConfig(bytes("qwen2").with(more));
    assertThat(config.get("eos_token").stringValue()).isEqualTo("<|end|>");
    assertThat(config.get("chat_template").stringValue()).isEqualTo("{{ messages }}");
    assertThat(config.get("add_bos_token").booleanValue()).isFalse();
  }

  private static GgufMetadata of(String model, List<String> tokens, Map<String, GgufValue> more) {
    Map<String, GgufValue> values = new LinkedHashMap<>();
    values.put("tokenizer.ggml.model", GgufValue.of(model));
    values.put("tokenizer.ggml.tokens", new GgufValue.Texts(tokens));
    values.putAll(more);
    return new GgufMetadata("test.gguf", new LinkedHashMap<>(values));
  }

  private static List<String> names(JsonNode root) {
    String[] names = new String[root.get("model").get("vocab").size()];
    for (Map.Entry<String, JsonNode> e : root.get("model").get("vocab").properties()) {
      names[e.getValue().intValue()] = e.getKey();
    }
    return List.of(names);
  }

  @Test
  void a_WordPiece_vocabulary_gives_the_ids_of_the_tokenizer_it_came_from() throws IOException {
    JsonNode root = Peer.file("wordpiece");
    // As llama.cpp's converter spells them.
    List<String> tokens =
        names(root).stream()
            .map(t ->
                t.startsWith("##")
                    ? t.substring(2)
                    : t.startsWith("[") && t.endsWith("]") ? t : "\u2581" + t)
            .toList();
    GgufMetadata m =
        of(
            "bert",
            tokens,
            Map.of(
                "tokenizer.ggml.bos_token_id",
                GgufValue.uint32(2),
                "tokenizer.ggml.seperator_token_id",
                GgufValue.uint32(3),
                "tokenizer.ggml.unknown_token_id",
                GgufValue.uint32(1)));
    Tokenizer ours = Tokenizers.of(Path.of("test.gguf"), json(m));
    try (HuggingFaceTokenizer reference = TokenizerFiles.reference(root)) {
      for (String text : List.of(TEXT, "Once upon a time", "Gr\u00f6\u00dfe \u4e2d\u6587!")) {
        assertThat(ours.encode(text)).isEqualTo(TokenizerFiles.ids(reference, text));
        assertThat(ours.frame().around(ours.encode(text))).startsWith(2).endsWith(3);
      }
    }
  }

  @Test
  void a_Unigram_vocabulary_gives_the_ids_of_the_tokenizer_it_came_from() throws IOException {
    JsonNode root = Peer.file("unigram");
    JsonNode pieces = root.get("model").get("vocab");
    float[] scores = new float[pieces.size()];
    int[] types = new int[pieces.size()];
    List<String> tokens = new ArrayList<>();
    for (int id = 0; id < scores.length; id++) {
      tokens.add(pieces.get(id).get(0).stringValue());
      scores[id] = pieces.get(id).get(1).floatValue();
      types[id] = id < 2 ? 3 : id == 2 ? 2 : 1;
    }
    byte[] map =
        Base64.getDecoder()
            .decode(
                root.get("normalizer")
                    .get("normalizers")
                    .get(0)
                    .get("precompiled_charsmap")
                    .stringValue());
    int[] bytes = new int[map.length];
    for (int i = 0; i < map.length; i++) {
      bytes[i] = map[i] & 0xff;
    }
    GgufMetadata m =
        of(
            "t5",
            tokens,
            Map.of(
                "tokenizer.ggml.scores",
                GgufNumbers.float32(scores),
                "tokenizer.ggml.token_type",
                GgufNumbers.int32(types),
                "tokenizer.ggml.precompiled_charsmap",
                GgufNumbers.int32(bytes),
                "tokenizer.ggml.remove_extra_whitespaces",
                GgufValue.of(true),
                "tokenizer.ggml.add_space_prefix",
                GgufValue.of(true),
                "tokenizer.ggml.unknown_token_id",
                GgufValue.uint32(2),
                "tokenizer.ggml.eos_token_id",
                GgufValue.uint32(1),
                "tokenizer.ggml.add_eos_token",
                GgufValue.of(true)));
    Tokenizer ours = Tokenizers.of(Path.of("test.gguf"), json(m));
    try (HuggingFaceTokenizer reference = TokenizerFiles.reference(root)) {
      for (String text : List.of(TEXT.strip(), "Once upon a time \u4f60 \ufb01")) {
        assertThat(ours.encode(text)).isEqualTo(TokenizerFiles.ids(reference, text));
        assertThat(ours.frame().around(ours.encode(text))).endsWith(1);
      }
    }
  }

  @Test
  void an_rwkv_vocabulary_is_refused_by_name() {
    assertThatThrownBy(() -> json(of("rwkv", List.of("a"), Map.of()))).hasMessageContaining("rwkv");
  }

  @Test
  void the_tokenizer_of_a_GGUF_file_is_found_in_it() {
    Tokenizer theirs = Tokenizers.read(Shared.path("models", "qwen3-7m"));
    try (Model model = Models.open(Shared.path("packs", "gguf", "Q4_K_M", "model.gguf"))) {
      assertThat(ModelTexts.tokenizer(model).encode(TEXT)).isEqualTo(theirs.encode(TEXT));
    }
    Path stories = Shared.path("models", "stories260K", "stories260K-f32.gguf");
    try (Model model = Models.open(stories)) {
      assertThat(ModelTexts.tokenizer(model).decode(403, 407)).isNotEmpty();
    }
  }
}
