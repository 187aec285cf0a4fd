package io.metalmarlin.runtime.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.runtime.text.unicode.ByteAlphabet;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Tokenizer files for tests, each readable by us and by the reference.
final class TokenizerFiles {
  static final JsonMapper JSON = new JsonMapper();

  private TokenizerFiles() {}

  /// The 8192-token vocabulary of the shared models.
  static ObjectNode shared() throws IOException {
    Path file = Shared.path("models", "qwen3-7m", "tokenizer.json");
    return (ObjectNode) JSON.readTree(Files.readString(file));
  }

  /// A vocabulary of all byte letters and nothing else, GPT-2 splitting, no added tokens.
  static ObjectNode bytesOnly() {
    ObjectNode root = JSON.createObjectNode();
    root.putNull("normalizer");
    root.putArray("added_tokens");
    root.set("pre_tokenizer", byteLevel());
    root.set("decoder", byteLevel());
    ObjectNode model = root.putObject("model").put("type", "BPE");
    ObjectNode vocabulary = model.putObject("vocab");
    for (int b = 0; b < 256; b++) {
      vocabulary.put(String.valueOf(ByteAlphabet.character(b)), b);
    }
    model.putArray("merges");
    return root;
  }

  private static JsonNode byteLevel() {
    return parse(
        "{'type':'ByteLevel','add_prefix_space':false,'trim_offsets':true,'use_regex':true}");
  }

  /// JSON with single quotes, for legible tests.
  static JsonNode parse(String json) {
    return JSON.readTree(json.replace('\'', '"'));
  }

  static ObjectNode object(JsonNode parent, String name) {
    return (ObjectNode) parent.get(name);
  }

  static Tokenizer ours(Path folder, JsonNode root) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("tokenizer.json"), root.toString());
    return Tokenizers.read(folder);
  }

  static HuggingFaceTokenizer reference(JsonNode root) throws IOException {
    byte[] bytes = root.toString().getBytes(StandardCharsets.UTF_8);
    return HuggingFaceTokenizer.newInstance(
        new ByteArrayInputStream(bytes),
        Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false"));
  }

  static int[] ids(HuggingFaceTokenizer reference, String text) {
    long[] ids = reference.encode(text, false, false).getIds();
    return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
  }
}
