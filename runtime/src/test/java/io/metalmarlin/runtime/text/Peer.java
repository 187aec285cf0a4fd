package io.metalmarlin.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// One tokenizer in our implementation and in the `tokenizers` library (through DJL), asked the
/// same.
final class Peer implements AutoCloseable {
  private final Tokenizer ours;
  private final HuggingFaceTokenizer theirs;

  Peer(JsonNode root) throws IOException {
    ours =
        Tokenizers.of(Path.of("tokenizer.json"), root.toString().getBytes(StandardCharsets.UTF_8));
    theirs = TokenizerFiles.reference(root);
  }

  /// A tokenizer of the test resources.
  static ObjectNode file(String name) throws IOException {
    try (InputStream in = Peer.class.getResourceAsStream("/tokenizers/" + name + ".json")) {
      return (ObjectNode) TokenizerFiles.JSON.readTree(in);
    }
  }

  Tokenizer ours() {
    return ours;
  }

  /// Ids, ids with the tokens around them, and the text of the ids are the same.
  void assertSame(String text) {
    int[] ids = TokenizerFiles.ids(theirs, text);
    int[] found = ours.encode(text);
    if (!Arrays.equals(found, ids)) {
      assertThat(named(found)).as("tokens of \"%s\"", text).isEqualTo(named(ids));
    }
    assertThat(found).as("ids of \"%s\"", text).isEqualTo(ids);
    assertThat(ours.frame().around(ids))
        .isEqualTo(
            Arrays.stream(theirs.encode(text, true, false).getIds())
                .mapToInt(Math::toIntExact)
                .toArray());
    assertSameText(ids);
  }

  /// The whole text, and the parts of a stream joined.
  void assertSameText(int... ids) {
    String text = theirs.decode(Arrays.stream(ids).asLongStream().toArray(), true);
    assertThat(ours.decode(ids)).as("text of %s", Arrays.toString(ids)).isEqualTo(text);
  }

  /// Texts of every sort, random ids.
  void assertSame(Random random, int rounds) {
    RandomTexts texts = new RandomTexts(random);
    for (int i = 0; i < rounds; i++) {
      assertSame(texts.next());
      byte[] noise = new byte[random.nextInt(40)];
      random.nextBytes(noise);
      assertSame(new String(noise, StandardCharsets.UTF_8).replace("\u0000", ""));
      assertSameText(random.ints(1 + random.nextInt(9), 0, ours.vocabularySize()).toArray());
    }
  }

  private String named(int[] ids) {
    StringBuilder names = new StringBuilder();
    for (int id : ids) {
      names.append(ours.token(id)).append(' ');
    }
    return names.toString();
  }

  @Override
  public void close() {
    theirs.close();
  }
}
