package io.metalmarlin.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.metalmarlin.formats.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Ids equal those of the `tokenizers` library (through DJL) with the shared models' tokenizer.
class TokenizerOracleTest {
  private static Tokenizer ours;
  private static HuggingFaceTokenizer reference;

  @BeforeAll
  static void open() throws IOException {
    ours = Tokenizers.read(Shared.path("models", "qwen3-7m"));
    reference = TokenizerFiles.reference(TokenizerFiles.shared());
  }

  @AfterAll
  static void close() {
    if (reference != null) {
      reference.close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "wiki.test.raw",
        "heldout-mixed.txt",
        "calib/exl3_c4.utf8",
        "calib/exl3_code.utf8",
        "calib/exl3_multilingual.utf8",
        "calib/exl3_technical.utf8",
        "calib/exl3_tiny.utf8",
        "calib/exl3_wiki.utf8",
        "calib/mixed.txt",
        "ship/calibration.jsonl",
        "ship/evaluation.jsonl"
      })
  void sharedTextsHaveTheReferenceIds(String file) {
    for (String document : TextFiles.read(Shared.path("text", file.split("/")))) {
      assertSame(document);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "  ",
        "\n",
        "a\n\n  b",
        "   \t x",
        "it's IT'S it'\u017f 'LL 'Re",
        "\u212a 'k",
        "a<|endoftext|>b<|im_start|><|im_end|>",
        "<|endoftext|",
        "<|endoftext|><|endoftext|>  <|im_end|>",
        "e\u0301 \u00e9 \u1e9e ß ﬁ",
        "\u3000\u2028\u2029\u0085x\u00a0y\u180ez",
        "１２３ ⅷ ² 42",
        "日本語のテキスト。한국어 עברית العربية हिन्दी",
        "👩‍👩‍👧‍👦🇩🇪👍🏽 ok",
        "\u0000\u0001\u001f\u007f\u0080\ufeff\ufffe\uffff",
        "a\rb\r\nc\n\rd",
        "don't  can't\n\t'tis",
        "x\ud800\udc00y",
        "....!!!???\n\n\n   z"
      })
  void cornerCasesHaveTheReferenceIds(String text) {
    assertSame(text);
  }

  @Test
  void randomTextsHaveTheReferenceIds() {
    Random random = new Random(20260801);
    RandomTexts texts = new RandomTexts(random);
    for (int i = 0; i < 3_000; i++) {
      assertSame(texts.next());
    }
  }

  @Test
  void codePointsBetweenLettersHaveTheReferenceIds() {
    StringBuilder text = new StringBuilder();
    // All below the ideographs, then every 11th: the reference takes half a minute for all of them.
    for (int c = 0; c <= Character.MAX_CODE_POINT; c += c < 0x3400 ? 1 : 11) {
      if (RandomTexts.isScalar(c)) {
        text.append("a'").appendCodePoint(c).append(" 1").appendCodePoint(c).append('\n');
      }
      if (text.length() > 50_000) {
        assertSame(text.toString());
        text.setLength(0);
      }
    }
    assertSame(text.toString());
  }

  @Test
  void onePieceOfAMillionBytesHasTheReferenceIds() {
    assertSame("abcdefghij".repeat(100_000));
  }

  @Test
  void encodingThenDecodingGivesTheText() {
    RandomTexts texts = new RandomTexts(new Random(7));
    for (int i = 0; i < 2_000; i++) {
      String text = texts.next();
      String visible = text.replaceAll("<\\|(endoftext|im_start|im_end)\\|>", "");
      assertThat(ours.decode(ours.encode(text))).isEqualTo(visible);
    }
  }

  @Test
  void severalThreadsGetTheIdsThatOneGets() {
    RandomTexts texts = new RandomTexts(new Random(8));
    List<String> all = Stream.generate(texts::next).limit(2_000).toList();
    List<String> alone = all.stream().map(t -> Arrays.toString(ours.encode(t))).toList();
    Tokenizer cold = Tokenizers.read(Shared.path("models", "qwen3-7m"));
    assertThat(all.parallelStream().map(t -> Arrays.toString(cold.encode(t))).toList())
        .isEqualTo(alone);
  }

  @Test
  void randomIdsDecodeAsTheReferenceDecodes() {
    Random random = new Random(3);
    for (int i = 0; i < 2_000; i++) {
      int[] ids = random.ints(1 + random.nextInt(12), 0, ours.vocabularySize()).toArray();
      long[] wide = Arrays.stream(ids).asLongStream().toArray();
      assertThat(ours.decode(ids)).isEqualTo(reference.decode(wide, true));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"qwen3-7m", "qwen3-31m", "qwen3moe-22m", "deepseekv2-10m", "diffllama-7m"})
  void greedyPromptsAndContinuationsAgreeWithTheirFile(String model) throws IOException {
    Path folder = Shared.path("models", model);
    Tokenizer tokenizer = Tokenizers.read(folder);
    JsonNode greedy = TokenizerFiles.JSON.readTree(Files.readString(folder.resolve("greedy.json")));
    assertThat(greedy.get("prompts")).isNotEmpty();
    for (JsonNode p : greedy.get("prompts")) {
      assertThat(tokenizer.encode(p.get("prompt").stringValue())).isEqualTo(ids(p, "prompt_ids"));
      assertThat(tokenizer.decode(ids(p, "continuation_ids")))
          .isEqualTo(p.get("continuation_text").stringValue());
    }
  }

  private static int[] ids(JsonNode prompt, String field) {
    return prompt.get(field).valueStream().mapToInt(JsonNode::intValue).toArray();
  }

  private static void assertSame(String text) {
    int[] expected = TokenizerFiles.ids(reference, text);
    int[] actual = ours.encode(text);
    if (!Arrays.equals(actual, expected)) {
      int at = Arrays.mismatch(actual, expected);
      String head = ours.decode(Arrays.copyOf(actual, at));
      assertThat(actual).as("differs after ...%s", tail(head)).isEqualTo(expected);
    }
  }

  private static String tail(String text) {
    return text.substring(Math.max(0, text.length() - 60));
  }
}
