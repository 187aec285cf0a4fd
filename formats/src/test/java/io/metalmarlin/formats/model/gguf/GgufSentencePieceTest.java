package io.metalmarlin.formats.model.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.gguf.Gguf;
import io.metalmarlin.formats.container.gguf.GgufCheckpoint;
import io.metalmarlin.formats.container.gguf.GgufMetadata;
import io.metalmarlin.formats.container.gguf.GgufNumbers;
import io.metalmarlin.formats.container.gguf.GgufValue;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.testing.Shared;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// SentencePiece-like tokenizers as keys of a GGUF file. That llama.cpp gives the ids of the
/// original with them is shown by `tests/oracle/vocabularies.py`.
class GgufSentencePieceTest {
  private static final String LEGACY =
      """
      {"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"\u2581"},
       {"type":"Replace","pattern":{"String":" "},"content":"\u2581"}]}\
      """;

  private static ObjectNode json(String text) {
    return (ObjectNode) JsonMapper.shared().readTree(text);
  }

  /// Nine tokens: specials, a byte, and what "ab" and a space make.
  private static String bpe(String normalizer, String preTokenizer, String merges) {
    return """
    {"added_tokens":[{"id":0,"content":"<unk>","special":true},
      {"id":1,"content":"<s>","special":true},{"id":2,"content":"</s>","special":true}],
     "normalizer":%s,"pre_tokenizer":%s,
     "post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>"}},
      {"Sequence":{"id":"A"}}]},
     "model":{"type":"BPE","byte_fallback":true,"unk_token":"<unk>","merges":%s,
      "vocab":{"<unk>":0,"<s>":1,"</s>":2,"<0x0A>":3,"\u2581":4,"a":5,"b":6,"ab":7,
       "\u2581ab":8}}}\
    """
        .formatted(normalizer, preTokenizer, merges);
  }

  private static final String MERGES = "[[\"a\",\"b\"],[\"\u2581\",\"ab\"]]";

  private static Map<String, GgufValue> keys(
      String tokenizer, int vocabulary, Optional<SentencePieceModel> pieces) {
    ModelConfig config =
        new ModelConfig(Path.of("config.json"), json("{\"vocab_size\":" + vocabulary + "}"));
    ObjectNode settings = json("{\"bos_token\":\"<s>\",\"eos_token\":{\"content\":\"</s>\"}}");
    return TokenizerKeys.of(
        Path.of("tokenizer.json"), json(tokenizer), settings, config, Optional.empty(), pieces);
  }

  private static List<Double> scores(Map<String, GgufValue> keys) {
    GgufNumbers n = (GgufNumbers) keys.get("tokenizer.ggml.scores");
    return IntStream.range(0, n.size()).mapToObj(n::real).toList();
  }

  private static List<Long> types(Map<String, GgufValue> keys) {
    GgufNumbers n = (GgufNumbers) keys.get("tokenizer.ggml.token_type");
    return IntStream.range(0, n.size()).mapToObj(n::whole).toList();
  }

  @Test
  void merge_rules_become_scores_in_their_order() {
    Map<String, GgufValue> k = keys(bpe(LEGACY, "null", MERGES), 10, Optional.empty());
    assertThat(k.get("tokenizer.ggml.model")).isEqualTo(GgufValue.of("llama"));
    assertThat(((GgufValue.Texts) k.get("tokenizer.ggml.tokens")).values())
        .containsExactly(
            "<unk>", "<s>", "</s>", "<0x0A>", "\u2581", "a", "b", "ab", "\u2581ab", "[PAD9]");
    assertThat(types(k)).containsExactly(2L, 3L, 3L, 6L, 1L, 1L, 1L, 1L, 1L, 5L);
    assertThat(scores(k).subList(7, 9)).containsExactly(0.0, -1.0);
    assertThat(scores(k).get(5)).isLessThan(-1);
    assertThat(k.get("tokenizer.ggml.add_space_prefix")).isEqualTo(GgufValue.of(true));
    assertThat(k.get("tokenizer.ggml.add_bos_token")).isEqualTo(GgufValue.of(true));
    assertThat(k.get("tokenizer.ggml.add_eos_token")).isEqualTo(GgufValue.of(false));
    assertThat(k.get("tokenizer.ggml.bos_token_id")).isEqualTo(GgufValue.uint32(1));
    assertThat(k.get("tokenizer.ggml.eos_token_id")).isEqualTo(GgufValue.uint32(2));
    assertThat(k.get("tokenizer.ggml.unknown_token_id")).isEqualTo(GgufValue.uint32(0));
    assertThat(k).doesNotContainKey("tokenizer.ggml.padding_token_id");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "first; false; true",
        "always; false; true",
        "always; true; true",
        "never; false; false"
      })
  void metaspace_says_whether_a_space_is_put_before_a_text(
      String scheme, boolean split, boolean adds) {
    String metaspace =
        "{\"type\":\"Metaspace\",\"replacement\":\"\u2581\",\"prepend_scheme\":\"%s\",\"split\":%s}"
            .formatted(scheme, split);
    assertThat(keys(bpe("null", metaspace, MERGES), 9, Optional.empty()))
        .containsEntry("tokenizer.ggml.add_space_prefix", GgufValue.of(adds));
  }

  @Test
  void gemma_puts_no_space_there() {
    String replace = "{\"type\":\"Replace\",\"pattern\":{\"String\":\" \"},\"content\":\"\u2581\"}";
    String split =
        "{\"type\":\"Split\",\"pattern\":{\"String\":\" \"},\"behavior\":\"MergedWithPrevious\"}";
    assertThat(keys(bpe(replace, split, MERGES), 9, Optional.empty()))
        .containsEntry("tokenizer.ggml.add_space_prefix", GgufValue.of(false));
  }

  private static void refused(String said, Runnable action) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.TOKENIZER_MALFORMED))
        .hasMessageContaining(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"type\":\"NFKC\"} | null | NFKC",
        "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"AAAA\"} | null | Precompiled",
        "{\"type\":\"Prepend\",\"prepend\":\"x\"} | null | Prepend",
        "{\"type\":\"Lowercase\"} | null | Lowercase",
        "null | null | writes spaces",
        "null | {\"type\":\"Metaspace\",\"replacement\":\"_\"} | Metaspace",
        "null | {\"type\":\"ByteLevel\"} | ByteLevel"
      })
  void what_llama_cpp_does_not_do_to_a_text_is_refused(
      String normalizer, String preTokenizer, String said) {
    refused(said, () -> keys(bpe(normalizer, preTokenizer, MERGES), 9, Optional.empty()));
  }

  @Test
  void a_way_to_make_a_token_that_is_no_rule_is_named() {
    String partly = "[[\"a\",\"b\"]]";
    refused(
        "1 ways to make a token are no merge rule (the first: \"\u2581\" + \"ab\")",
        () -> keys(bpe(LEGACY, "null", partly), 9, Optional.empty()));
    refused("merge 0 is", () -> keys(bpe(LEGACY, "null", "[[\"a\"]]"), 9, Optional.empty()));
    refused("has id 8", () -> keys(bpe(LEGACY, "null", MERGES), 8, Optional.empty()));
  }

  @Test
  void a_token_across_a_space_contradicts_cutting_there() {
    String across =
        bpe("null", "{\"type\":\"Metaspace\"}", MERGES).replace("\"<0x0A>\":3", "\"a\u2581b\":3");
    refused("goes across one", () -> keys(across, 9, Optional.empty()));
  }

  @Test
  void an_added_token_without_an_embedding_is_left_out() {
    String more =
        bpe(LEGACY, "null", MERGES)
            .replace("\"added_tokens\":[", "\"added_tokens\":[{\"id\":9,\"content\":\"<image>\"},");
    assertThat(((GgufValue.Texts) keys(more, 9, Optional.empty()).get("tokenizer.ggml.tokens")))
        .isEqualTo(
            keys(bpe(LEGACY, "null", MERGES), 9, Optional.empty()).get("tokenizer.ggml.tokens"));
  }

  @Test
  void two_tokens_of_one_spelling_are_named() {
    String twice =
        bpe(LEGACY, "null", MERGES)
            .replace("\"added_tokens\":[", "\"added_tokens\":[{\"id\":9,\"content\":\"ab\"},");
    refused("tokens 7 and 9 are both \"ab\"", () -> keys(twice, 10, Optional.empty()));
  }

  private static String unigram(String more) {
    return """
    {"normalizer":{"type":"Sequence","normalizers":[
       {"type":"Precompiled","precompiled_charsmap":"AQIDBA=="},
       {"type":"Replace","pattern":{"Regex":" {2,}"},"content":"\u2581"}]},
     "pre_tokenizer":{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always"},
     "added_tokens":[{"id":1,"content":"</s>","special":true}],
     "model":{"type":"Unigram","unk_id":0,%s"vocab":[["<unk>",0],["</s>",0],["\u2581",-2.5],
      ["a",-1]]}}\
    """
        .formatted(more);
  }

  @Test
  void unigram_is_written_as_t5_with_its_own_scores_and_character_map() {
    Map<String, GgufValue> k = keys(unigram(""), 4, Optional.empty());
    assertThat(k.get("tokenizer.ggml.model")).isEqualTo(GgufValue.of("t5"));
    assertThat(types(k)).containsExactly(2L, 3L, 1L, 1L);
    assertThat(scores(k).subList(2, 4)).containsExactly(-2.5, -1.0);
    GgufNumbers map = (GgufNumbers) k.get("tokenizer.ggml.precompiled_charsmap");
    assertThat(map.size()).isEqualTo(4);
    assertThat(map.whole(3)).isEqualTo(4);
    assertThat(k.get("tokenizer.ggml.remove_extra_whitespaces")).isEqualTo(GgufValue.of(true));
    assertThat(k.get("tokenizer.ggml.add_space_prefix")).isEqualTo(GgufValue.of(true));
    refused("byte_fallback", () -> keys(unigram("\"byte_fallback\":true,"), 4, Optional.empty()));
    String wrong = unigram("").replace("[\"a\",-1]", "[\"a\",\"x\"]");
    refused("vocab[3]", () -> keys(wrong, 4, Optional.empty()));
    String type = unigram("").replace("Unigram", "WordPiece");
    refused("WordPiece", () -> keys(type, 4, Optional.empty()));
  }

  @Test
  void a_unigram_vocabulary_comes_back() {
    Map<String, GgufValue> k = keys(unigram(""), 4, Optional.empty());
    ObjectNode back = GgufTokenizer.tokenizerJson(new GgufMetadata("test", new LinkedHashMap<>(k)));
    assertThat(back.at("/model/vocab/2/1").doubleValue()).isEqualTo(-2.5);
    assertThat(back.at("/model/unk_id").intValue()).isZero();
    assertThat(back.at("/pre_tokenizer/prepend_scheme").stringValue()).isEqualTo("always");
    assertThat(keys(back.toString(), 4, Optional.empty())).isEqualTo(k);
  }

  /// A SentencePiece file, field by field as its schema numbers them.
  private static byte[] model(int kind, List<String> pieces, List<Integer> types) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < pieces.size(); i++) {
      byte[] text = pieces.get(i).getBytes(StandardCharsets.UTF_8);
      ByteBuffer piece = ByteBuffer.allocate(text.length + 9).order(ByteOrder.LITTLE_ENDIAN);
      piece.put((byte) 0x0a).put((byte) text.length).put(text);
      piece.put((byte) 0x15).putFloat(-i / 2f).put((byte) 0x18).put((byte) (int) types.get(i));
      all.writeBytes(new byte[] {0x0a, (byte) piece.capacity()});
      all.writeBytes(piece.array());
    }
    // trainer_spec: model_type and byte_fallback (35); normalizer_spec: dummy prefix, extra spaces.
    all.writeBytes(new byte[] {0x12, 5, 0x18, (byte) kind, (byte) 0x98, 2, 1});
    all.writeBytes(new byte[] {0x1a, 4, 0x18, 1, 0x20, 0});
    return all.toByteArray();
  }

  private static final List<String> PIECES =
      List.of("<unk>", "<s>", "</s>", "<0x0A>", "\u2581", "a", "b", "ab", "\u2581ab");
  private static final List<Integer> TYPES = List.of(2, 3, 3, 6, 1, 1, 1, 1, 1);

  @Test
  void a_SentencePiece_file_gives_scores_and_kinds() {
    SentencePieceModel m = SentencePieceModel.of("x", model(2, PIECES, TYPES));
    assertThat(m.byteFallback()).isTrue();
    assertThat(m.unigram()).isFalse();
    // Rules that are not all ways do not matter then.
    Map<String, GgufValue> k = keys(bpe(LEGACY, "null", "[]"), 9, Optional.of(m));
    assertThat(types(k)).containsExactly(2L, 3L, 3L, 6L, 1L, 1L, 1L, 1L, 1L);
    assertThat(scores(k).subList(3, 9)).containsExactly(-1.5, -2.0, -2.5, -3.0, -3.5, -4.0);
    ObjectNode alone = PiecesAlone.tokenizer(m, json("{}"), json("{}"));
    Map<String, GgufValue> without = keys(alone.toString(), 9, Optional.of(m));
    assertThat(without.get("tokenizer.ggml.tokens")).isEqualTo(k.get("tokenizer.ggml.tokens"));
    assertThat(types(without)).isEqualTo(types(k));
  }

  @Test
  void a_piece_that_is_listed_as_added_once_more_keeps_its_kind() {
    SentencePieceModel m = SentencePieceModel.of("x", model(2, PIECES, TYPES));
    ObjectNode added = json("{\"<s>\":1,\"</s>\":2,\"a\":5,\"new\":9,\"<pad>\":10}");
    ObjectNode settings =
        json("{\"added_tokens_decoder\":{\"10\":{\"content\":\"<pad>\",\"special\":true}}}");
    ObjectNode alone = PiecesAlone.tokenizer(m, settings, added);
    Map<String, GgufValue> k = keys(alone.toString(), 11, Optional.of(m));
    assertThat(types(k)).containsExactly(2L, 3L, 3L, 6L, 1L, 1L, 1L, 1L, 1L, 4L, 3L);
  }

  @Test
  void files_that_contradict_each_other_are_refused() {
    List<String> other = new ArrayList<>(PIECES);
    other.set(5, "z");
    SentencePieceModel wrong = SentencePieceModel.of("x", model(2, other, TYPES));
    refused(
        "token 5 is \"a\", in x it is \"z\"",
        () -> keys(bpe(LEGACY, "null", MERGES), 9, Optional.of(wrong)));
    SentencePieceModel unigram = SentencePieceModel.of("x", model(1, PIECES, TYPES));
    refused("another type", () -> keys(bpe(LEGACY, "null", MERGES), 9, Optional.of(unigram)));
    SentencePieceModel m = SentencePieceModel.of("x", model(2, PIECES, TYPES));
    refused(
        "x has 9 pieces",
        () ->
            keys(
                bpe(LEGACY, "null", MERGES)
                    .replace("\"\u2581ab\":8", "\"c\":0")
                    .replace("\"<unk>\":0,", ""),
                8,
                Optional.of(m)));
  }

  @Test
  void every_damage_of_a_SentencePiece_file_is_named() {
    byte[] whole = model(2, PIECES, TYPES);
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      onlyNamed(cut);
      for (int bit = 0; bit < 8; bit++) {
        byte[] flipped = whole.clone();
        flipped[length] ^= (byte) (1 << bit);
        onlyNamed(flipped);
      }
    }
    refused("no pieces", () -> SentencePieceModel.of("x", new byte[0]));
    byte[] huge = {0x0a, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x0f};
    refused("4294967295 bytes where 0 are left", () -> SentencePieceModel.of("x", huge));
    byte[] endless = new byte[20];
    Arrays.fill(endless, (byte) 0xff);
    refused("more than 64 bits", () -> SentencePieceModel.of("x", endless));
    refused("has type 9", () -> SentencePieceModel.of("x", model(2, List.of("a"), List.of(9))));
    refused("model_type 3", () -> SentencePieceModel.of("x", model(3, PIECES, TYPES)));
  }

  private static void onlyNamed(byte[] damaged) {
    try {
      SentencePieceModel.of("x", damaged);
    } catch (MarlinException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.TOKENIZER_MALFORMED);
    }
  }

  /// llama2.c's tokenizer out of its GGUF file and back into keys.
  @ParameterizedTest
  @ValueSource(strings = "stories260K-f32.gguf")
  void a_vocabulary_comes_back(String name) {
    try (GgufCheckpoint file = Gguf.INSTANCE.open(Shared.path("models", "stories260K", name))) {
      GgufMetadata theirs = file.typedMetadata();
      ObjectNode tokenizer = GgufTokenizer.tokenizerJson(theirs);
      Map<String, GgufValue> ours = keys(tokenizer.toString(), 512, Optional.empty());
      assertThat(ours.get("tokenizer.ggml.tokens"))
          .isEqualTo(theirs.values().get("tokenizer.ggml.tokens"));
      GgufNumbers before = (GgufNumbers) theirs.values().get("tokenizer.ggml.scores");
      List<Double> after = scores(ours);
      List<String> tokens = ((GgufValue.Texts) ours.get("tokenizer.ggml.tokens")).values();
      List<Long> types = types(ours);
      List<Integer> made =
          IntStream.range(0, 512)
              .filter(i -> types.get(i) == 1 && tokens.get(i).length() > 1)
              .boxed()
              .toList();
      assertThat(made).hasSizeGreaterThan(150);
      for (int a : made) {
        for (int b : made) {
          assertThat(Math.signum(after.get(a) - after.get(b)))
              .isEqualTo(Math.signum(before.real(a) - before.real(b)));
        }
      }
    }
  }
}
