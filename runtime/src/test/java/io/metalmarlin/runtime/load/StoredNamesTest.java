package io.metalmarlin.runtime.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.runtime.model.Model;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/// A language model behind the names that wholes give it, with and without a head.
class StoredNamesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path LLAMA = Shared.path("models", "tiny", "llama");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "language_model.model., language_model.lm_head.",
    "model.language_model., lm_head.",
    "model.text_model., lm_head.",
    "language_model.model.model., language_model.lm_head.",
    "model.language_model.model., lm_head.",
    "language.model., language.lm_head.",
    "thinker.model., thinker.lm_head.",
  })
  void wholes_are_opened_under_each_spelling(String body, String head) throws IOException {
    store(name ->
        name.startsWith("model.") ? body + name.substring(6) : name.replace("lm_head.", head));
    wrap();
    try (Model m = Models.open(folder)) {
      assertThat(m.spec().head().tied()).isFalse();
      assertThat(m.spec().tensor(m.spec().head().linear())).isEqualTo(head + "weight");
      assertThat(m.spec().tensor(m.spec().embedding().table()))
          .isEqualTo(body + "embed_tokens.weight");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"granitemoe-own", "mixtral-own", "minimax-window"})
  void experts_of_transformers_own_format_are_found_one_by_one(String model) {
    try (Model m = Models.open(Path.of("src/test/resources/tiny", model))) {
      Model apart = Models.expertsApart(m);
      assertThat(apart.spec().linears().stream().map(apart.spec()::tensor))
          .allSatisfy(t -> assertThat(m.checkpoint().tensors()).containsKey(t));
    }
  }

  @Test
  void a_whole_without_a_head_has_the_embedding_for_one() throws IOException {
    store(name -> name.equals("lm_head.weight") ? null : name);
    wrap();
    try (Model m = Models.open(folder)) {
      assertThat(m.spec().head().tied()).isTrue();
    }
  }

  @Test
  void a_stored_head_with_other_values_than_the_embedding_counts() throws IOException {
    store(name -> name);
    configure(c -> c.put("tie_word_embeddings", true));
    try (Model m = Models.open(folder)) {
      assertThat(m.spec().head().tied()).isFalse();
    }
  }

  @Test
  void a_stored_head_that_is_the_embedding_stays_tied() throws IOException {
    store(name -> name);
    configure(c -> c.put("tie_word_embeddings", true));
    Path file = folder.resolve("model.safetensors");
    byte[] all = Files.readAllBytes(file);
    ObjectNode header = header(all);
    int data = 8 + (int) ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getLong();
    int from = start(header, "model.embed_tokens.weight");
    int to = start(header, "lm_head.weight");
    int length = header.get("lm_head.weight").get("data_offsets").get(1).intValue() - to;
    System.arraycopy(all, data + from, all, data + to, length);
    Files.write(file, all);
    try (Model m = Models.open(folder)) {
      assertThat(m.spec().head().tied()).isTrue();
    }
  }

  private static int start(ObjectNode header, String tensor) {
    return header.get(tensor).get("data_offsets").get(0).intValue();
  }

  private static ObjectNode header(byte[] file) {
    int length = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return (ObjectNode) JSON.readTree(new String(file, 8, length, StandardCharsets.UTF_8));
  }

  /// Copies the model with its tensors under other names; one without a name becomes part of none.
  private void store(UnaryOperator<String> names) throws IOException {
    Files.copy(LLAMA.resolve("config.json"), folder.resolve("config.json"));
    byte[] all = Files.readAllBytes(LLAMA.resolve("model.safetensors"));
    int length = (int) ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getLong();
    ObjectNode renamed = JSON.createObjectNode();
    header(all)
        .properties()
        .forEach(e -> {
          String name = e.getKey().equals("__metadata__") ? e.getKey() : names.apply(e.getKey());
          renamed.set(name == null ? "unread" : name, e.getValue());
        });
    byte[] header = renamed.toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer out =
        ByteBuffer.allocate(8 + header.length + all.length - 8 - length)
            .order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(header.length).put(header).put(all, 8 + length, all.length - 8 - length);
    Files.write(folder.resolve("model.safetensors"), out.array());
  }

  private void wrap() throws IOException {
    ObjectNode text = (ObjectNode) JSON.readTree(Files.readString(folder.resolve("config.json")));
    ObjectNode whole = JSON.createObjectNode().put("model_type", "llava");
    whole.set("text_config", text);
    Files.writeString(folder.resolve("config.json"), whole.toString());
  }

  private void configure(Consumer<ObjectNode> change) throws IOException {
    ObjectNode config = (ObjectNode) JSON.readTree(Files.readString(folder.resolve("config.json")));
    change.accept(config);
    Files.writeString(folder.resolve("config.json"), config.toString());
  }
}
