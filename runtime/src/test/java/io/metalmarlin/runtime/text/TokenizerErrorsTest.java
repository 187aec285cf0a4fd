package io.metalmarlin.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Broken and unsupported tokenizer files: one message that names the file and the matter.
class TokenizerErrorsTest {
  @TempDir private Path folder;

  private MarlinException failure(String content) throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), content);
    MarlinException e =
        Assertions.catchThrowableOfType(
            MarlinException.class, () -> Tokenizers.read(folder).encode("some text aaaa 1"));
    assertThat(e).isNotNull();
    assertThat(e.code()).isEqualTo(ErrorCode.TOKENIZER_MALFORMED);
    assertThat(e.hint()).isNotBlank();
    return e;
  }

  @Test
  void aFolderWithoutTheFileIsNamed() {
    MarlinException e =
        Assertions.catchThrowableOfType(MarlinException.class, () -> Tokenizers.read(folder));
    assertThat(e.code()).isEqualTo(ErrorCode.FILE_MISSING);
    assertThat(e.where()).isEqualTo(folder.resolve("tokenizer.json").toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "normalizer | {'type':'Mystery'} | normalizer type \"Mystery\"",
        "normalizer | {'type':'Sequence','normalizers':[{'type':'X'}]} | type \"X\"",
        "normalizer | {'type':'Prepend'} | prepend should be a string",
        "normalizer | {'type':'Strip','strip_left':3} | strip_left should be true or false",
        "normalizer | {'type':'Precompiled','precompiled_charsmap':'AAA='} | a charsmap of 2 bytes",
        "pre_tokenizer | {'type':'Mystery'} | pre_tokenizer type \"Mystery\"",
        "pre_tokenizer | {'type':'Sequence'} | pretokenizers should be an array",
        "pre_tokenizer | {'type':'Metaspace','prepend_scheme':'last'} | prepend_scheme \"last\"",
        "decoder | {'type':'Metaspace','prepend_scheme':'last'} | prepend_scheme \"last\"",
        "pre_tokenizer | {'type':'Metaspace','replacement':'ab'} | should be one character",
        "pre_tokenizer | {'type':'Punctuation','behavior':'Odd'} | behavior \"Odd\"",
        "decoder | {'type':'CTC'} | decoder type \"CTC\"",
        "decoder | {'type':'Strip','start':-1} | start should be a whole number",
        "post_processor | {'type':'Mystery'} | post_processor type \"Mystery\"",
        "post_processor | {'type':'BertProcessing'} | cls should be a token and its id",
        "post_processor | {'type':'TemplateProcessing','single':[]} | the sequence A once",
      })
  void anUnsupportedPartIsRefusedByName(String part, String json, String message)
      throws IOException {
    ObjectNode root = TokenizerFiles.bytesOnly();
    root.set(part, TokenizerFiles.parse(json));
    assertThat(failure(root.toString())).hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "type | 'Mystery' | model type \"Mystery\"",
        "type | 'Unigram' | no list of scores",
        "type | 'WordPiece' | unk_token is \"[UNK]\"",
        "unk_token | 7 | unk_token should be a string",
        "dropout | 0.1 | model.dropout 0.1",
        "end_of_word_suffix | '</w>' | no token for",
        "continuing_subword_prefix | '##' | no token for",
        "vocab | [['a',0.5]] | type BPE is a list",
        "vocab | {} | byte 0x00",
        "merges | {} | model.merges: expected START_ARRAY",
        "merges | [['a']] | model.merges[0][1]",
        "merges | [['a','b','c']] | the end of model.merges[0]",
        "merges | ['ab'] | \"ab\" is not two tokens",
        "merges | ['a b c'] | is not two tokens",
        "merges | [['a','b']] | model.merges[0] needs \"ab\"",
        "merges | [['a','zz']] | model.merges[0] needs \"zz\"",
      })
  void aModelThatIsWrongIsNamed(String field, String json, String message) throws IOException {
    ObjectNode root = TokenizerFiles.bytesOnly();
    TokenizerFiles.object(root, "model").set(field, TokenizerFiles.parse(json));
    assertThat(failure(root.toString())).hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({"-1,-1", "3,given twice", "2000000000,2000000000", "1.5,VALUE_NUMBER_FLOAT"})
  void aVocabularyIdThatCannotBeIsNamed(String id, String message) throws IOException {
    String json = TokenizerFiles.bytesOnly().toString();
    String broken = json.replaceFirst("\"vocab\":\\{", "\"vocab\":{\"new\":" + id + ",");
    assertThat(failure(broken)).hasMessageContaining(message);
  }

  @Test
  void anAddedTokenThatContradictsTheVocabularyIsNamed() throws IOException {
    ObjectNode root = TokenizerFiles.bytesOnly();
    ((ArrayNode) root.get("added_tokens")).addObject().put("id", 300).put("content", "a");
    assertThat(failure(root.toString())).hasMessageContaining("added token \"a\" has id 300");
    ((ArrayNode) root.get("added_tokens")).removeAll().addObject().put("content", "a");
    assertThat(failure(root.toString())).hasMessageContaining("added_tokens[0]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "null",
        "{}",
        "{\"model\":3}",
        "{\"model\":{}} x",
        "{\"a\":1,\"a\":2}",
        "\u0000",
        "{\"model\":{\"vocab\":{\"a\":0,\"a\":0}}}"
      })
  void whatIsNoTokenizerIsRefused(String content) throws IOException {
    failure(content);
  }

  @Test
  void deepNestingIsRefused() throws IOException {
    failure("{\"x\":" + "[".repeat(100_000));
    failure("{\"x\":" + "[".repeat(500) + "]".repeat(500) + "}");
  }

  @Test
  void everyTruncationOfAFileIsRefused() throws IOException {
    String json = TokenizerFiles.bytesOnly().toString();
    for (int end = 0; end < json.length(); end += 7) {
      failure(json.substring(0, end));
    }
  }

  @Test
  void damagedFilesNeverFailInAnotherWay() throws IOException {
    Random random = new Random(5);
    byte[] json = TokenizerFiles.bytesOnly().toString().getBytes(StandardCharsets.UTF_8);
    Path file = folder.resolve("tokenizer.json");
    for (int i = 0; i < 500; i++) {
      byte[] damaged = Arrays.copyOf(json, json.length);
      for (int k = 0; k < 1 + random.nextInt(4); k++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      Files.write(file, damaged);
      try {
        Tokenizers.read(folder).encode("text");
      } catch (MarlinException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.TOKENIZER_MALFORMED);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a|b)*",
        "(?:ab?)+",
        "(?i:ss)",
        "(?i:é)",
        "(?i:\\p{L})",
        "^a",
        "$+",
        "\\b+",
        "\\Gword",
        "(a)\\1",
        "\\R",
        "[[:alpha:]]",
        "\\p{Alpha}",
        "a**",
        "a{2}{3}",
        "a{2}+",
        "a{2}?",
        "a{1001}",
        "(?m:a)",
        "(?<n>a)",
        "a)",
        "(a",
        "[a",
        "[]",
        "[^]-]",
        "[z-a]",
        "*a",
        "(?=a)+",
        "\\",
        "\\x{110000}",
        "\\xff",
        "a(?i)b",
        "[a-\\d]",
        "\\p{L"
      })
  void aPatternWithoutSafeTranslationIsRefusedByName(String regex) throws IOException {
    assertThat(failure(withPattern(regex, "Isolated"))).hasMessageContaining(regex);
  }

  @Test
  void deeplyNestedPatternsAreRefused() throws IOException {
    failure(withPattern("(".repeat(5_000) + ")".repeat(5_000), "Isolated"));
    failure(withPattern("[".repeat(5_000) + "]".repeat(5_000), "Isolated"));
    failure(withPattern("a".repeat(30_000), "Isolated"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a+)+b",
        "(a*)*b",
        "(a|a)*b",
        "(a|aa)+b",
        "(?:a+)*+b",
        "([a-z]+)*!",
        "(.*)*x",
        "(?:\\w*\\s?)+$",
        "(a{1,2}){2,}b",
        "((a?)+)+b"
      })
  void aPatternThatIsKnownToExplodeIsRefused(String regex) throws IOException {
    assertThat(failure(withPattern(regex, "Isolated")))
        .hasMessageContaining("unbounded repetition of a group");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(?:(?:a|b){0,1000}){0,1000}",
        "(?:(?:(?:(?:){1000}){1000}){1000}){1000}",
        "(?:(?:(?:a|b){0,100}){0,100}c){0,100}",
        "(?:(?:(?=a)){1000}){1000}"
      })
  void turnsWithinTurnsAreRefusedBeforeTheStackIsFull(String regex) throws IOException {
    assertThat(failure(withPattern(regex, "Isolated"))).hasMessageContaining("4,000 atoms");
  }

  @Test
  void aLookBehindWithoutAnEndIsRefused() throws IOException {
    assertThat(failure(withPattern("(?<=(?:a|aa){0,100})b", "Isolated")))
        .hasMessageContaining("Look-behind");
  }

  @Test
  void turnsWithinTheBoundNeedLittleStack() throws Exception {
    Files.writeString(
        folder.resolve("tokenizer.json"), withPattern("(?:a|b|ab){0,1000}c", "Isolated"));
    Tokenizer tokenizer = Tokenizers.read(folder);
    int[] ids = new int[1];
    Thread small =
        new Thread(
            null, () -> ids[0] = tokenizer.encode("ab".repeat(490) + "c").length, "small", 1 << 20);
    small.start();
    small.join();
    assertThat(ids[0]).isEqualTo(981);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a*a*a*a*a*a*a*a*b", "(?:a|a|ab?){30}c", ".*.*.*.*.*=.*x", "(?:a+){25}b"})
  void aPatternThatMayBacktrackIsStoppedInTime(String regex) throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), withPattern(regex, "Isolated"));
    Tokenizer tokenizer = Tokenizers.read(folder);
    Assertions.assertThatExceptionOfType(MarlinException.class)
        .isThrownBy(
            () -> assertTimeout(Duration.ofSeconds(60), () -> tokenizer.encode("a".repeat(3_000))))
        .withMessageContaining("does not come to an end");
  }

  @Test
  void aPatternThatBacktracksWithoutEndIsStopped() throws IOException {
    Files.writeString(
        folder.resolve("tokenizer.json"), withPattern("(?:a?){40}(?:a?a?){40}b", "Isolated"));
    Tokenizer tokenizer = Tokenizers.read(folder);
    MarlinException e =
        Assertions.catchThrowableOfType(
            MarlinException.class, () -> tokenizer.encode("a".repeat(60)));
    assertThat(e.code()).isEqualTo(ErrorCode.TOKENIZER_MALFORMED);
    assertThat(e).hasMessageContaining("does not come to an end");
  }

  private static String withPattern(String regex, String behavior) {
    ObjectNode root = TokenizerFiles.bytesOnly();
    ObjectNode sequence = root.putObject("pre_tokenizer").put("type", "Sequence");
    ArrayNode steps = sequence.putArray("pretokenizers");
    ObjectNode split = steps.addObject().put("type", "Split").put("behavior", behavior);
    split.putObject("pattern").put("Regex", regex);
    steps.addObject().put("type", "ByteLevel").put("add_prefix_space", false);
    return root.toString();
  }
}
