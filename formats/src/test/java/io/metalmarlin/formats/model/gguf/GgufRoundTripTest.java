package io.metalmarlin.formats.model.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.container.gguf.Gguf;
import io.metalmarlin.formats.container.gguf.GgufCheckpoint;
import io.metalmarlin.formats.container.gguf.GgufMetadata;
import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.ModelConfigs;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.formats.testing.Shared;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Hugging Face checkpoints written as GGUF in FP32 and shown again.
class GgufRoundTripTest {
  @TempDir Path folder;

  private static float[] floats(Checkpoint c, String name) {
    TensorInfo t = c.tensors().get(name);
    MemorySegment bytes = c.bytes(name);
    float[] out = new float[(int) t.elements()];
    for (int i = 0; i < out.length; i++) {
      out[i] =
          switch (t.dtype()) {
            case BF16 ->
                Float.intBitsToFloat(bytes.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i) << 16);
            case F16 -> Float.float16ToFloat(bytes.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i));
            default -> bytes.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
          };
    }
    return out;
  }

  private Path write(Checkpoint source, ModelConfig config) {
    GgufLayout layout = GgufLayout.of(config, source.tensors().values());
    List<TensorInfo> infos = layout.targets().stream().map(t -> t.info(DType.F32)).toList();
    GgufMetadata metadata = GgufKeys.of(config, "test", 0);
    Path file = folder.resolve("model.gguf");
    try (CheckpointWriter w = Gguf.INSTANCE.create(file, infos, metadata, Long.MAX_VALUE)) {
      for (GgufTarget t : layout.targets()) {
        t.constant().ifPresent(c -> w.write(t.name(), 0, MemorySegment.ofArray(c)));
        long at = 0;
        for (String name : t.sources()) {
          List<Long> shape = source.tensors().get(name).shape();
          float[] values =
              t.values(floats(source, name), shape.size() < 2 ? 1 : shape.getFirst().intValue());
          w.write(t.name(), at, MemorySegment.ofArray(values));
          at += 4L * values.length;
        }
        assertThat(at).isEqualTo(t.constant().isPresent() ? 0 : t.info(DType.F32).byteSize());
      }
      w.commit();
    }
    return file;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "models/tiny/llama",
        "models/tiny/qwen2",
        "models/tiny/qwen3",
        "packs/base/qwen3-2l",
        "models/deepseekv2-10m",
        "models/tiny/deepseek_v3"
      })
  void tensors_and_configuration_come_back(String model) {
    ModelConfig config = ModelConfigs.read(Shared.path(model));
    Path weights = Shared.path(model);
    try (Checkpoint source = Containers.open(weights)) {
      Path file = write(source, config);
      try (GgufModel back = GgufModel.open(file)) {
        TreeSet<String> expected = new TreeSet<>(source.tensors().keySet());
        expected.removeAll(GgufLayout.of(config, source.tensors().values()).leftOut());
        assertThat(new TreeSet<>(back.view().tensors().keySet())).isEqualTo(expected);
        for (TensorInfo t : expected.stream().map(source.tensors()::get).toList()) {
          assertThat(back.view().tensors().get(t.name()).shape()).as(t.name()).isEqualTo(t.shape());
          assertThat(floats(back.view(), t.name()))
              .as(t.name())
              .isEqualTo(floats(source, t.name()));
        }
        assertSameKeys(config, back.config());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bloom",
        "cohere2",
        "ernie4_5",
        "falcon",
        "glm4",
        "gpt2",
        "gpt_neox",
        "mixtral",
        "phi"
      })
  void every_family_comes_back(String family) {
    Path model = Shared.path("models/tiny").resolve(family);
    ModelConfig config = ModelConfigs.read(model);
    try (Checkpoint source = Containers.open(model);
        GgufModel back = GgufModel.open(write(source, config))) {
      List<String> left = GgufLayout.of(config, source.tensors().values()).leftOut();
      for (TensorInfo t : source.tensors().values()) {
        if (left.contains(t.name())) {
          continue;
        }
        // Some checkpoints leave the root of the names out.
        boolean whole = back.view().tensors().containsKey(t.name());
        String name = whole ? t.name() : "transformer." + t.name();
        assertThat(back.view().tensors().get(name).shape()).as(name).isEqualTo(t.shape());
        assertThat(floats(back.view(), name)).as(name).isEqualTo(floats(source, t.name()));
      }
      assertSameKeys(config, back.config());
    }
  }

  /// Every key that the derived configuration has must say what the original says.
  private static void assertSameKeys(ModelConfig theirs, ModelConfig ours) {
    for (var e : ours.root().properties()) {
      JsonNode original = theirs.root().get(e.getKey());
      // attention_bias is what the tensors show; a scalar default may be left out.
      boolean derived =
          List.of("torch_dtype", "rope_theta", "rope_scaling", "attention_bias")
              .contains(e.getKey());
      if (original != null && !original.isNull() && !derived) {
        if (original.isNumber()) {
          assertThat(e.getValue().asDouble()).as(e.getKey()).isEqualTo(original.asDouble());
        } else {
          assertThat(e.getValue()).as(e.getKey()).isEqualTo(original);
        }
      }
    }
    JsonNode scaling = theirs.root().path("rope_scaling");
    for (var e : scaling.properties()) {
      String key = e.getKey().equals("type") ? "rope_type" : e.getKey();
      JsonNode value = ours.root().path("rope_scaling").path(key);
      if (e.getValue().isNumber()) {
        assertThat(value.asDouble()).as(key).isEqualTo(e.getValue().asDouble());
      } else {
        assertThat(value).as(key).isEqualTo(e.getValue());
      }
    }
  }

  @Test
  void a_mixture_of_experts_comes_back() {
    Path model = Shared.path("models/qwen3moe-22m");
    try (Checkpoint source = Containers.open(model)) {
      Path file = write(source, ModelConfigs.read(model));
      try (GgufModel back = GgufModel.open(file);
          GgufCheckpoint peer = Gguf.INSTANCE.open(Shared.path("packs/gguf/moe-Q4_K_M"))) {
        for (String name : source.tensors().keySet()) {
          assertThat(floats(back.view(), name)).as(name).isEqualTo(floats(source, name));
        }
        assertThat(back.view().gguf().tensors().keySet()).containsAll(peer.tensors().keySet());
        for (TensorInfo t : peer.tensors().values()) {
          if (!t.name().equals("token_embd.weight")) {
            assertThat(back.view().gguf().tensors().get(t.name()).shape()).isEqualTo(t.shape());
          }
        }
      }
    }
  }

  @Test
  void metadata_is_what_llama_cpps_converter_writes() {
    Path model = Shared.path("packs/base/qwen3-2l");
    ModelConfig config = ModelConfigs.read(model);
    GgufMetadata ours =
        GgufKeys.of(config, "NVFP4A16", 39)
            .with(
                TokenizerKeys.of(
                    model.resolve("tokenizer.json"),
                    JsonFiles.readObject(model.resolve("tokenizer.json"), 1 << 24),
                    JsonFiles.readObject(model.resolve("tokenizer_config.json"), 1 << 24),
                    config,
                    Optional.empty(),
                    Optional.empty()));
    try (GgufCheckpoint peer = Gguf.INSTANCE.open(Shared.path("packs/gguf/NVFP4-from-ct"))) {
      peer.typedMetadata()
          .values()
          .forEach((key, value) -> {
            if (!key.equals("general.size_label")) {
              assertThat(ours.values().get(key)).as(key).isEqualTo(value);
            }
          });
      assertThat(ours.values().keySet())
          .hasSize(peer.typedMetadata().values().size() - 1 + 3)
          .contains(
              "qwen3.vocab_size", "qwen3.rope.dimension_count", "tokenizer.ggml.add_bos_token");
    }
  }

  @Test
  void a_tokenizer_comes_back() {
    Path model = Shared.path("models/qwen3-7m");
    ModelConfig config = ModelConfigs.read(model);
    ObjectNode theirs = JsonFiles.readObject(model.resolve("tokenizer.json"), 1 << 24);
    var keys =
        TokenizerKeys.of(
            model.resolve("tokenizer.json"),
            theirs,
            JsonFiles.readObject(model.resolve("tokenizer_config.json"), 1 << 24),
            config,
            Optional.of("{{ x }}"),
            Optional.empty());
    GgufMetadata metadata = new GgufMetadata("test", keys);
    ObjectNode ours = GgufTokenizer.tokenizerJson(metadata);
    for (String part : List.of("added_tokens", "normalizer", "pre_tokenizer", "post_processor")) {
      assertThat(ours.get(part)).as(part).isEqualTo(theirs.get(part));
    }
    for (String part : List.of("vocab", "merges", "ignore_merges", "byte_fallback", "type")) {
      assertThat(ours.get("model").get(part)).as(part).isEqualTo(theirs.get("model").get(part));
    }
    ObjectNode settings = GgufTokenizer.tokenizerConfig(metadata);
    assertThat(settings.get("chat_template").stringValue()).isEqualTo("{{ x }}");
    assertThat(settings.get("eos_token").stringValue()).isEqualTo("<|endoftext|>");
  }

  @Test
  void norms_of_gemma_are_stored_plus_one() {
    Path model = Shared.path("models/tiny/gemma3_text");
    ObjectNode root = ModelConfigs.read(model).root().deepCopy();
    root.put("sliding_window_pattern", 6);
    root.put("query_pre_attn_scalar", 32);
    ModelConfig config = new ModelConfig(model.resolve("config.json"), root);
    try (Checkpoint source = Containers.open(model)) {
      Path file = write(source, config);
      try (GgufModel back = GgufModel.open(file)) {
        String norm = "model.layers.1.pre_feedforward_layernorm.weight";
        assertThat(back.view().source(norm)).isEqualTo("blk.1.ffn_norm.weight");
        float[] stored = floats(back.view().gguf(), "blk.1.ffn_norm.weight");
        float[] original = floats(source, norm);
        for (int i = 0; i < stored.length; i++) {
          assertThat(stored[i]).isEqualTo(original[i] + 1);
          assertThat(floats(back.view(), norm)[i]).isEqualTo(stored[i] - 1);
        }
        assertSameKeys(config, back.config());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "models/tiny/gemma3_text, pattern",
    "models/tiny/qwen3_moe, dense layers",
    "models/tiny/opt, opt"
  })
  void what_the_format_cannot_say_is_refused_by_name(String model, String name) {
    ModelConfig config = ModelConfigs.read(Shared.path(model));
    assertThatThrownBy(() -> GgufKeys.of(config, "test", 0))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> assertThat(e.code()).isIn(ErrorCode.TARGET_CANNOT, ErrorCode.UNSUPPORTED_MODEL))
        .hasMessageContaining(name);
  }

  @Test
  void the_factors_of_Llama_3_are_written_and_recognised() {
    Path model = Shared.path("models/tiny/llama");
    ObjectNode root = ModelConfigs.read(model).root().deepCopy();
    ObjectNode scaling = root.putObject("rope_scaling");
    scaling.put("rope_type", "llama3").put("factor", 8.0).put("low_freq_factor", 1.0);
    scaling.put("high_freq_factor", 4.0).put("original_max_position_embeddings", 8192);
    root.remove("rope_parameters");
    root.put("rope_theta", 500000.0);
    ModelConfig config = new ModelConfig(model.resolve("config.json"), root);
    try (Checkpoint source = Containers.open(model)) {
      Path file = write(source, config);
      try (GgufModel back = GgufModel.open(file)) {
        assertThat(back.view().gguf().tensors()).containsKey("rope_freqs.weight");
        assertThat(back.view().tensors()).doesNotContainKey("rope_freqs.weight");
        assertThat(back.config().root().get("rope_scaling")).isEqualTo(scaling);
      }
    }
  }

  @Test
  void unusual_factors_are_kept_as_they_are() {
    Path model = Shared.path("models/tiny/llama");
    ObjectNode root = ModelConfigs.read(model).root().deepCopy();
    ObjectNode scaling = root.putObject("rope_scaling");
    scaling.put("rope_type", "llama3").put("factor", 6.0).put("low_freq_factor", 1.5);
    scaling.put("high_freq_factor", 3.0).put("original_max_position_embeddings", 100);
    root.remove("rope_parameters");
    root.put("rope_theta", 10000.0);
    ModelConfig config = new ModelConfig(model.resolve("config.json"), root);
    try (Checkpoint source = Containers.open(model)) {
      Path file = write(source, config);
      try (GgufModel back = GgufModel.open(file)) {
        JsonNode read = back.config().root().get("rope_scaling");
        assertThat(read.get("rope_type").asString()).isEqualTo("longrope");
        assertThat(read.get("attention_factor").doubleValue()).isEqualTo(1);
        assertThat(read.get("short_factor")).isEqualTo(read.get("long_factor"));
        float[] stored = floats(back.view().gguf(), "rope_freqs.weight");
        assertThat(read.get("long_factor")).hasSize(stored.length);
        assertThat(read.get("long_factor").get(2).floatValue()).isEqualTo(stored[2]);
        assertThat(stored[2]).isStrictlyBetween(1f, 6f);
      }
    }
  }

  @Test
  void long_and_short_factors_are_tensors() {
    Path model = Shared.path("models/tiny/phi3");
    ModelConfig config = ModelConfigs.read(model);
    JsonNode scaling = config.root().get("rope_scaling");
    try (Checkpoint source = Containers.open(model)) {
      Path file = write(source, config);
      try (GgufModel back = GgufModel.open(file)) {
        JsonNode read = back.config().root().get("rope_scaling");
        for (String key : List.of("short_factor", "long_factor")) {
          assertThat(read.get(key)).as(key).isEqualTo(scaling.get(key));
        }
        assertThat(back.config().requireInt("original_max_position_embeddings"))
            .isEqualTo(config.requireInt("original_max_position_embeddings"));
        double stretch =
            config.requireInt("max_position_embeddings")
                / (double) config.requireInt("original_max_position_embeddings");
        double expected =
            Math.sqrt(
                1
                    + Math.log(stretch)
                        / Math.log(config.requireInt("original_max_position_embeddings")));
        assertThat(read.get("attention_factor").doubleValue()).isCloseTo(expected, within(1e-6));
      }
    }
  }
}
