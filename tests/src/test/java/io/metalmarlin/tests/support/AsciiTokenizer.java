package io.metalmarlin.tests.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/// A tokenizer of single characters, for small models that have none: line feed is 0, the printable
/// characters of ASCII follow, everything else is a line feed.
public final class AsciiTokenizer {
  private static final String BEGIN = "~";
  private static final ObjectMapper JSON = new ObjectMapper();

  /// The id of the begin token of [#writeWithBegin].
  public static final int BEGIN_ID = id('~');

  private AsciiTokenizer() {}

  /// The id of a character.
  public static int id(char c) {
    return c == '\n' ? 0 : c - ' ' + 1;
  }

  /// Writes `tokenizer.json`.
  public static void write(Path folder) throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), JSON.writeValueAsString(root()));
  }

  /// The same with a token before each text.
  public static void writeWithBegin(Path folder) throws IOException {
    ObjectNode root = root();
    ObjectNode template = root.putObject("post_processor").put("type", "TemplateProcessing");
    var single = template.putArray("single");
    single.addObject().putObject("SpecialToken").put("id", BEGIN).put("type_id", 0);
    single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
    template.putArray("pair");
    ObjectNode special = template.putObject("special_tokens").putObject(BEGIN);
    special.put("id", BEGIN);
    special.putArray("ids").add(BEGIN_ID);
    special.putArray("tokens").add(BEGIN);
    Files.writeString(folder.resolve("tokenizer.json"), JSON.writeValueAsString(root));
  }

  private static ObjectNode root() {
    ObjectNode root = JSON.createObjectNode();
    root.put("version", "1.0");
    root.putArray("added_tokens");
    root.putNull("normalizer");
    root.putNull("pre_tokenizer");
    root.putNull("post_processor");
    root.putObject("decoder").put("type", "Fuse");
    ObjectNode model = root.putObject("model").put("type", "BPE").put("unk_token", "\n");
    model.putArray("merges");
    ObjectNode vocab = model.putObject("vocab");
    vocab.put("\n", id('\n'));
    for (char c = ' '; c <= '~'; c++) {
      vocab.put(String.valueOf(c), id(c));
    }
    return root;
  }
}
