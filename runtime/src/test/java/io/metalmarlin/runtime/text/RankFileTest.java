package io.metalmarlin.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.text.unicode.ByteAlphabet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Rank files: ids of the `tokenizers` library given every way to make a token of two as a merge
/// rule in rank order, and the refusals.
class RankFileTest {
  private static final String SETTINGS =
      "{'added_tokens_decoder':{'5000':{'content':'<|x|>','special':true}}}";

  @TempDir private Path folder;

  /// The tokens of the byte-level resource, ranked by id.
  private static Map<String, Integer> ranks() throws IOException {
    Map<String, Integer> ranks = new LinkedHashMap<>();
    JsonNode vocabulary = Peer.file("bytes").get("model").get("vocab");
    for (Map.Entry<String, JsonNode> e : vocabulary.properties()) {
      if (!e.getKey().equals("<|end|>")) {
        ranks.put(e.getKey(), e.getValue().intValue() - 1);
      }
    }
    return ranks;
  }

  private static String lines(Map<String, Integer> ranks) {
    StringBuilder out = new StringBuilder();
    ranks.forEach((token, rank) ->
        out.append(Base64.getEncoder().encodeToString(ByteAlphabet.bytes(token)))
            .append(' ')
            .append(rank)
            .append('\n'));
    return out.toString();
  }

  private Tokenizer tokenizer(String file, String content, String config, String settings)
      throws IOException {
    Files.writeString(folder.resolve(file), content);
    Files.writeString(folder.resolve("config.json"), config.replace('\'', '"'));
    Files.writeString(folder.resolve("tokenizer_config.json"), settings.replace('\'', '"'));
    return Tokenizers.read(folder);
  }

  private static ObjectNode reference(Map<String, Integer> ranks, String digits)
      throws IOException {
    ObjectNode root = Peer.file("bytes");
    ObjectNode vocabulary = TokenizerFiles.JSON.createObjectNode();
    ArrayNode merges = TokenizerFiles.JSON.createArrayNode();
    for (Map.Entry<String, Integer> e : ranks.entrySet()) {
      vocabulary.put(e.getKey(), e.getValue());
    }
    ranks.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .forEach(e -> {
          String token = e.getKey();
          for (int at = 1; at < token.length(); at++) {
            if (ranks.containsKey(token.substring(0, at))
                && ranks.containsKey(token.substring(at))) {
              merges.addArray().add(token.substring(0, at)).add(token.substring(at));
            }
          }
        });
    root.putArray("added_tokens");
    ObjectNode model = TokenizerFiles.object(root, "model");
    model.set("vocab", vocabulary);
    model.set("merges", merges);
    model.put("ignore_merges", true);
    ObjectNode sequence = root.putObject("pre_tokenizer").put("type", "Sequence");
    ArrayNode steps = sequence.putArray("pretokenizers");
    ObjectNode split = steps.addObject().put("type", "Split");
    split
        .putObject("pattern")
        .put(
            "Regex",
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
                + digits
                + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");
    split.put("behavior", "Isolated").put("invert", false);
    steps
        .addObject()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", false);
    return root;
  }

  @ParameterizedTest
  @CsvSource({
    "tokenizer.model,llama,'{1,3}'",
    "tokenizer.model,glm4,'{1,3}'",
    "qwen.tiktoken,qwen,''",
    "hy.tiktoken,hunyuan,''"
  })
  void idsAreThoseOfTheSameRulesInTheTokenizersLibrary(String file, String model, String digits)
      throws IOException {
    Map<String, Integer> ranks = ranks();
    Tokenizer ours = tokenizer(file, lines(ranks), "{'model_type':'" + model + "'}", SETTINGS);
    ObjectNode root = reference(ranks, digits);
    if (file.endsWith("tiktoken")) {
      root.set("normalizer", TokenizerFiles.parse("{'type':'NFC'}"));
    }
    RandomTexts texts = new RandomTexts(new Random(5));
    try (HuggingFaceTokenizer reference = TokenizerFiles.reference(root)) {
      for (String text : TextSamples.ALL) {
        assertThat(ours.encode(text)).as(text).isEqualTo(TokenizerFiles.ids(reference, text));
      }
      for (int i = 0; i < 300; i++) {
        String text = texts.next();
        assertThat(ours.encode(text)).as(text).isEqualTo(TokenizerFiles.ids(reference, text));
      }
    }
    assertThat(ours.encode("a<|x|>")).endsWith(5000);
    assertThat(ours.decode(ours.encode("Größe 日本 <|x|>😀"))).isEqualTo("Größe 日本 😀");
  }

  @Test
  void llamasOwnSpecialTokensFollowTheRanks() throws IOException {
    Map<String, Integer> ranks = ranks();
    Tokenizer ours = tokenizer("tokenizer.model", lines(ranks), "{'model_type':'llama'}", "{}");
    assertThat(ours.encode("<|begin_of_text|>x<|eot_id|>"))
        .startsWith(ranks.size())
        .endsWith(ranks.size() + 9);
    assertThat(ours.vocabularySize()).isEqualTo(ranks.size() + 256);
  }

  @Test
  void anUnknownFamilyIsRefusedByName() {
    assertThatThrownBy(
            () -> tokenizer("x.tiktoken", lines(ranks()), "{'model_type':'mystery'}", SETTINGS))
        .isInstanceOf(MarlinException.class)
        .hasMessageContaining("mystery");
    assertThatThrownBy(() -> tokenizer("x.tiktoken", lines(ranks()), "{'model_type':'glm4'}", "{}"))
        .isInstanceOf(MarlinException.class)
        .hasMessageContaining("added_tokens_decoder");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "YQ==", "YQ== x", "Y?== 1", "YQ== 0\nYQ== 1", "YQ== 99999999999"})
  void brokenLinesAreRefused(String content) {
    assertThatThrownBy(() -> tokenizer("x.tiktoken", content, "{'model_type':'qwen'}", SETTINGS))
        .isInstanceOf(MarlinException.class);
  }

  @Test
  void mistralsRanksFollowItsSpecialTokens() throws IOException {
    Map<String, Integer> ranks = ranks();
    ObjectNode root = reference(ranks, "{1,3}");
    String pattern =
        root.get("pre_tokenizer")
            .get("pretokenizers")
            .get(0)
            .get("pattern")
            .get("Regex")
            .stringValue();
    ObjectNode file = TokenizerFiles.JSON.createObjectNode();
    file.putObject("config")
        .put("pattern", pattern)
        .put("default_vocab_size", ranks.size() + 3)
        .put("default_num_special_tokens", 3);
    ArrayNode vocabulary = file.putArray("vocab");
    ranks.forEach((token, rank) ->
        vocabulary
            .addObject()
            .put("rank", rank)
            .put("token_bytes", Base64.getEncoder().encodeToString(ByteAlphabet.bytes(token))));
    vocabulary.addObject().put("rank", ranks.size()).put("token_bytes", "YWJjZGVmZ2hpamts");
    ArrayNode special = file.putArray("special_tokens");
    for (String token : new String[] {"<unk>", "<s>", "</s>"}) {
      special.addObject().put("rank", special.size() - 1).put("token_str", token);
    }
    Tokenizer ours = tokenizer("tekken.json", file.toString(), "{}", "{}");
    try (HuggingFaceTokenizer reference = TokenizerFiles.reference(root)) {
      for (String text : TextSamples.ALL) {
        int[] ids = TokenizerFiles.ids(reference, text.replaceAll("<(/?s|unk)>", ""));
        assertThat(ours.encode(text.replaceAll("<(/?s|unk)>", "")))
            .as(text)
            .isEqualTo(Arrays.stream(ids).map(id -> id + 3).toArray());
      }
    }
    assertThat(ours.encode("<s>a</s>")).startsWith(1).endsWith(2);
  }
}
