package io.metalmarlin.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Every family's settings give the ids and the texts of the `tokenizers` library.
class FamilyTokenizersTest {
  static Set<String> families() {
    return FamilySettings.all().keySet();
  }

  private static ObjectNode root(String family) throws IOException {
    String[] settings = FamilySettings.all().get(family);
    ObjectNode root = Peer.file(settings[0]);
    for (String setting : Stream.of(settings).skip(1).toList()) {
      int equals = setting.indexOf('=');
      String name = setting.substring(0, equals);
      ObjectNode at = root;
      if (name.startsWith("model.")) {
        at = TokenizerFiles.object(root, "model");
        name = name.substring("model.".length());
      }
      at.set(name, TokenizerFiles.parse(setting.substring(equals + 1)));
      for (JsonNode token : root.get("added_tokens")) {
        for (String flag : List.of("single_word", "lstrip", "rstrip", "special")) {
          if (!token.has(flag)) {
            ((ObjectNode) token).put(flag, false);
          }
        }
      }
    }
    return root;
  }

  @ParameterizedTest
  @MethodSource("families")
  void idsAndTextsAreTheReferences(String family) throws IOException {
    try (Peer peer = new Peer(root(family))) {
      for (String text : TextSamples.ALL) {
        peer.assertSame(text);
      }
      peer.assertSame(new Random(family.hashCode()), 150);
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void theShownTextNeverHasToBeTakenBack(String family) throws IOException {
    try (Peer peer = new Peer(root(family))) {
      Random random = new Random(3);
      for (int i = 0; i < 100; i++) {
        int[] ids = random.ints(12, 0, peer.ours().vocabularySize()).toArray();
        DecodeStream stream = new DecodeStream(peer.ours());
        StringBuilder shown = new StringBuilder();
        String whole = peer.ours().decode(ids);
        for (int id : ids) {
          shown.append(stream.accept(id));
          assertThat(whole).startsWith(shown);
        }
        assertThat(shown.append(stream.finish()).toString()).isEqualTo(whole);
      }
    }
  }
}
