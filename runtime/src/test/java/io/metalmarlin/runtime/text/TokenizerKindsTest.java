package io.metalmarlin.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What `tokenizer.json` can ask for beyond the shared models' one gives the reference's ids, too.
class TokenizerKindsTest {
  @TempDir private Path folder;

  private void assertSameIds(JsonNode root, String... more) throws IOException {
    Tokenizer ours = TokenizerFiles.ours(folder, root);
    RandomTexts texts = new RandomTexts(new Random(11));
    try (HuggingFaceTokenizer reference = TokenizerFiles.reference(root)) {
      for (String text : more) {
        assertThat(ours.encode(text)).as(text).isEqualTo(TokenizerFiles.ids(reference, text));
      }
      for (int i = 0; i < 500; i++) {
        String text = texts.next();
        assertThat(ours.encode(text)).as(text).isEqualTo(TokenizerFiles.ids(reference, text));
      }
    }
  }

  @Test
  void mergesMayBeStringsWithASpace() throws IOException {
    ObjectNode root = TokenizerFiles.shared();
    ArrayNode pairs = (ArrayNode) root.get("model").get("merges");
    ArrayNode strings = TokenizerFiles.JSON.createArrayNode().add("#version: 0.2");
    for (JsonNode pair : pairs) {
      strings.add(pair.get(0).stringValue() + " " + pair.get(1).stringValue());
    }
    TokenizerFiles.object(root, "model").set("merges", strings);
    assertSameIds(root, "Once upon a time");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void ignoreMergesTakesAWholePieceFromTheVocabulary(boolean ignore) throws IOException {
    ObjectNode root = TokenizerFiles.bytesOnly();
    ObjectNode model = TokenizerFiles.object(root, "model").put("ignore_merges", ignore);
    TokenizerFiles.object(model, "vocab").put("Ġhello", 256).put("he", 257);
    ((ArrayNode) model.get("merges")).addArray().add("h").add("e");
    assertSameIds(root, " hello hello hello");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type':'NFC'}",
        "{'type':'Sequence','normalizers':[]}",
        "{'type':'Sequence','normalizers':[{'type':'NFC'},{'type':'NFC'}]}"
      })
  void textIsNormalized(String normalizer) throws IOException {
    ObjectNode root = TokenizerFiles.shared();
    root.set("normalizer", TokenizerFiles.parse(normalizer));
    assertSameIds(
        root,
        "e\u0301 \u212b \u1100\u1161\u11a8 \u0344 q\u0307\u0323 \ufb1f",
        "aBC.DeF \ud835\udc9c\ud835\udcd1G\ud800\udf48");
  }

  /// The library's tables are older than Java's.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type':'NFD'}",
        "{'type':'NFKC'}",
        "{'type':'NFKD'}",
        "{'type':'StripAccents'}",
        "{'type':'BertNormalizer','clean_text':true,'handle_chinese_chars':true,'strip_accents':true,'lowercase':false}"
      })
  void youngCodePointsAreNormalizedAsTheReferenceKnowsThem(String normalizer) throws IOException {
    ObjectNode root = TokenizerFiles.bytesOnly();
    root.set("normalizer", TokenizerFiles.parse(normalizer));
    Tokenizer ours = TokenizerFiles.ours(folder, root);
    String text =
        "\u32ff a\u1cf2b\u1cf3 \u1734\ua7f2\uab69 "
            + "\ud838\udc30\ud83c\udd6c\ud83e\udff3 \ud804\udf83 \u00e9";
    try (HuggingFaceTokenizer reference = TokenizerFiles.reference(root)) {
      assertThat(ours.encode(text)).isEqualTo(TokenizerFiles.ids(reference, text));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"UnicodeScripts", "Punctuation", "BertPreTokenizer"})
  void youngCodePointsAreCutAsTheReferenceKnowsThem(String kind) throws IOException {
    ObjectNode root = TokenizerFiles.bytesOnly();
    root.set(
        "pre_tokenizer",
        TokenizerFiles.parse(
            ("{'type':'Sequence','pretokenizers':[{'type':'%s'},{'type':'ByteLevel',"
                    + "'add_prefix_space':true,'trim_offsets':true,'use_regex':false}]}")
                .formatted(kind)));
    Tokenizer ours = TokenizerFiles.ours(folder, root);
    try (HuggingFaceTokenizer reference = TokenizerFiles.reference(root)) {
      for (String c : List.of("\u0589", "\u061c", "\ua7af", "\ua7f6", "\ud837\udf00", "\u166d")) {
        String text = ":" + c + "a" + c + "\u65e5\u0571" + c + "x";
        assertThat(ours.encode(text)).isEqualTo(TokenizerFiles.ids(reference, text));
      }
    }
  }

  @Test
  void addedTokensMatchLongestFirstAndByTheirFlags() throws IOException {
    ObjectNode root = TokenizerFiles.shared();
    ArrayNode added = (ArrayNode) root.get("added_tokens");
    add(added, 8192, "zqh", "");
    add(added, 8193, "zqhello", "");
    add(added, 8194, "zqhellooo", "normalized");
    add(added, 8195, "zcat", "single_word");
    add(added, 8196, "<l>", "lstrip");
    add(added, 8197, "<r>", "rstrip");
    add(added, 8198, "<lr>", "lstrip rstrip special");
    add(added, 8199, "日本", "normalized");
    add(added, 8200, "zthe", "normalized single_word");
    assertSameIds(
        root,
        "zqh zqhell zqhello zqhelloo zqhellooo zqhellooooo",
        "zcat zcats a-zcat _zcat zcat_ (zcat) ézcat zcat١ zcat\u200d zcat² zcatzcat zcat zcat",
        "a  <l>  b \n <r> \t c \u3000<lr>\u2003 d<l><r><lr>",
        "<r>  <l>x  <lr>  <lr>  y",
        "日本 日本日 zthe other zthe_zthe zthe",
        "<|im_start|>hello<|im_end|>");
  }

  @Test
  void aNormalizedAddedTokenIsFoundInNormalizedText() throws IOException {
    ObjectNode root = TokenizerFiles.shared();
    root.set("normalizer", TokenizerFiles.parse("{'type':'NFC'}"));
    ArrayNode added = (ArrayNode) root.get("added_tokens");
    add(added, 8192, "cafe\u0301", "normalized");
    add(added, 8193, "u\u0308", "");
    assertSameIds(root, "caf\u00e9 cafe\u0301 u\u0308 \u00fc");
  }

  @Test
  void whiteSpaceThatATokenTookWithItIsLookedIntoAgain() throws IOException {
    ObjectNode root = TokenizerFiles.shared();
    ArrayNode added = (ArrayNode) root.get("added_tokens");
    add(added, 8192, "<r>", "rstrip special");
    add(added, 8193, "\n\n", "");
    add(added, 8194, "\t", "lstrip rstrip");
    assertSameIds(
        root, "a<r>\n\nb", "a<r>\n\n  b<r>  \n\n \n\nc", "<r>   d<r>    <r>e", "<r>\t\t f\t\t");
  }

  private static void add(ArrayNode added, int id, String content, String flags) {
    ObjectNode token = added.addObject().put("id", id).put("content", content);
    for (String flag : new String[] {"single_word", "lstrip", "rstrip", "normalized", "special"}) {
      token.put(flag, (" " + flags + " ").contains(" " + flag + " "));
    }
  }

  /// The library reads the score of "ab" as that of "a", one bit above the nearest double.
  @Test
  void equallyGoodWaysAreToldApartByTheLastBitOfAScore() throws IOException {
    ObjectNode root = TokenizerFiles.bytesOnly();
    root.putNull("pre_tokenizer");
    root.set(
        "model",
        TokenizerFiles.parse(
            "{'type':'Unigram','unk_id':0,'byte_fallback':false,'vocab':[['<unk>',0.0],"
                + "['a',-7.212466357068973],['b',0.0],['ab',-7.2124663570689735]]}"));
    Tokenizer ours = TokenizerFiles.ours(folder, root);
    try (HuggingFaceTokenizer reference = TokenizerFiles.reference(root)) {
      assertThat(TokenizerFiles.ids(reference, "ab")).containsExactly(3);
      assertThat(ours.encode("ab")).containsExactly(3);
    }
  }

  @Test
  void onlySpecialTokensAreLeftOutOfDecodedText() throws IOException {
    ObjectNode root = TokenizerFiles.shared();
    ArrayNode added = (ArrayNode) root.get("added_tokens");
    add(added, 8192, "plain token", "");
    add(added, 8193, "çé", "");
    Tokenizer ours = TokenizerFiles.ours(folder, root);
    long[] ids = {0, 8192, 1, 50, 8193, 60, 2, 9000};
    try (HuggingFaceTokenizer reference = TokenizerFiles.reference(root)) {
      int[] narrow = Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
      assertThat(ours.decode(narrow)).isEqualTo(reference.decode(ids, true));
    }
  }

  @Test
  void aLoneSurrogateCountsAsTheReplacementCharacter() throws IOException {
    Tokenizer ours = TokenizerFiles.ours(folder, TokenizerFiles.bytesOnly());
    assertThat(ours.encode("a\ud800b\udc00\ud83d\ude00\ud83d"))
        .isEqualTo(ours.encode("a\ufffdb\ufffd\ud83d\ude00\ufffd"));
  }
}
