package io.metalmarlin.runtime.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.StoredMatrix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class ModelsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  @Test
  void a_dense_checkpoint_gives_views_of_its_bytes() {
    try (Model m = Models.open(Shared.path("models", "tiny", "llama"))) {
      StoredMatrix w = m.weights().matrix(linear(m, 1, Role.DOWN));
      assertThat(((StoredMatrix.Dense) w).bytes().address())
          .isEqualTo(m.checkpoint().bytes("model.layers.1.mlp.down_proj.weight").address());
    }
  }

  @Test
  void a_packed_checkpoint_gives_packed_matrices_and_a_dense_embedding() {
    try (Model m = Models.open(Shared.path("packs", "ct", "NVFP4A16"))) {
      assertThat(m.weights().matrix(linear(m, 0, Role.Q))).isInstanceOf(StoredMatrix.Packed.class);
      assertThat(m.weights().matrix(m.spec().embedding().table()))
          .isInstanceOf(StoredMatrix.Dense.class);
    }
  }

  @Test
  void a_tied_head_is_the_embedding() {
    try (Model m = Models.open(Shared.path("models", "qwen3-7m"))) {
      StoredMatrix head = m.weights().matrix(m.spec().head().linear());
      assertThat(head).isEqualTo(m.weights().matrix(m.spec().embedding().table()));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"num_hidden_layers\": 3| \"num_hidden_layers\": 4| TENSOR_MISSING |"
            + " model.layers.3.self_attn.q_proj.weight",
        "\"intermediate_size\": 96| \"intermediate_size\": 80| TENSOR_MISMATCH |"
            + " model.layers.0.mlp.gate_proj.weight",
        "\"vocab_size\": 256| \"vocab_size\": 512| TENSOR_MISMATCH | model.embed_tokens.weight",
        "\"attention_bias\": false| \"attention_bias\": true| TENSOR_MISSING |"
            + " model.layers.0.self_attn.q_proj.bias",
        "\"model_type\": \"llama\"| \"model_type\": \"qwen3\"| TENSOR_MISSING |"
            + " model.layers.0.self_attn.q_norm.weight",
      })
  void tensors_and_configuration_that_do_not_fit_are_refused_when_opening(
      String from, String to, ErrorCode code, String tensor) throws IOException {
    copy(Shared.path("models", "tiny", "llama"));
    Path config = folder.resolve("config.json");
    String text = Files.readString(config);
    assertThat(text).contains(from);
    Files.writeString(config, text.replace(from, to));
    assertThatThrownBy(() -> Models.open(folder))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.where()).contains(tensor);
            });
  }

  @Test
  void a_mismatch_names_file_tensor_and_both_shapes() throws IOException {
    copy(Shared.path("models", "tiny", "llama"));
    Path config = folder.resolve("config.json");
    Files.writeString(
        config, Files.readString(config).replace("\"vocab_size\": 256", "\"vocab_size\": 512"));
    assertThatThrownBy(() -> Models.open(folder))
        .hasMessageContaining("[256, 64]")
        .hasMessageContaining("[512, 64]")
        .isInstanceOfSatisfying(
            MarlinException.class, e -> assertThat(e.where()).contains("model.safetensors"));
  }

  @Test
  void a_scale_that_is_no_number_is_refused_with_its_place() throws IOException {
    copy(Shared.path("packs", "ct", "NVFP4A16"));
    Files.deleteIfExists(folder.resolve("expected.safetensors"));
    spoil("model.layers.0.mlp.down_proj.weight_scale", 48 * 3 + 5);
    try (Model m = Models.open(folder)) {
      assertThatThrownBy(() -> m.weights().matrix(linear(m, 0, Role.DOWN)))
          .isInstanceOfSatisfying(
              MarlinException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NON_FINITE))
          .hasMessageContaining("row 3, group 5");
    }
  }

  @Test
  void stop_ids_come_from_the_generation_configuration_or_the_configuration() throws IOException {
    copy(Shared.path("models", "tiny", "llama"));
    try (Model m = Models.open(folder)) {
      assertThat(GenerationDefaults.of(m).stop()).isEqualTo(Set.of(2));
      Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [7, 9]}");
      assertThat(GenerationDefaults.of(m).stop()).isEqualTo(Set.of(7, 9));
      Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": \"end\"}");
      assertThatThrownBy(() -> GenerationDefaults.of(m).stop())
          .hasMessageContaining("eos_token_id");
    }
  }

  @Test
  void what_the_generation_configuration_asks_for_and_nobody_does_is_named() throws IOException {
    copy(Shared.path("models", "tiny", "llama"));
    Files.writeString(
        folder.resolve("generation_config.json"),
        "{\"min_p\":0.1,\"num_beams\":1,\"min_length\":0,\"stop_strings\":[\"x\"],"
            + "\"suppress_tokens\":[1],\"bad_words_ids\":[],\"sequence_bias\":null}");
    try (Model m = Models.open(folder)) {
      assertThat(GenerationDefaults.of(m).leftOut())
          .containsExactly("min_p", "suppress_tokens", "stop_strings");
    }
  }

  private static Linear linear(Model m, int layer, Role role) {
    return m.spec().linears().stream()
        .filter(l -> l.id().equals(new WeightId(layer, role)))
        .findFirst()
        .orElseThrow();
  }

  /// Overwrites one byte of a tensor's data with 0x7f, which is NaN in E4M3.
  private void spoil(String tensor, int at) throws IOException {
    Path file = folder.resolve("model.safetensors");
    byte[] all = Files.readAllBytes(file);
    int header = (int) ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getLong();
    JsonNode json = JSON.readTree(new String(all, 8, header, StandardCharsets.UTF_8));
    int start = json.get(tensor).get("data_offsets").get(0).intValue();
    all[8 + header + start + at] = 0x7f;
    Files.write(file, all);
  }

  private void copy(Path from) throws IOException {
    try (var files = Files.list(from)) {
      for (Path f : files.toList()) {
        Files.copy(f, folder.resolve(f.getFileName().toString()));
      }
    }
  }
}
