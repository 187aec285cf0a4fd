package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.gguf.GgufMetadata;
import io.metalmarlin.formats.container.gguf.GgufValue;
import io.metalmarlin.formats.model.ModelConfig;
import java.util.LinkedHashMap;
import tools.jackson.databind.JsonNode;

/// The `general.*` and `{arch}.*` keys of a Hugging Face configuration, in the order of llama.cpp's
/// converter. What llama.cpp has built in differently is refused by name: the file would run, and
/// run wrongly.
public final class GgufKeys {
  private static final int QUANTIZATION_VERSION = 2;

  private final ModelConfig config;
  private final GgufFamily family;
  private final LinkedHashMap<String, GgufValue> out = new LinkedHashMap<>();

  private GgufKeys(ModelConfig config) {
    this.config = config;
    this.family = GgufFamily.of(config);
  }

  /// The keys without tokenizer.
  ///
  /// @param name of the model, for people
  /// @param fileType `general.file_type`, ggml's number for the type of most matrices
  /// @throws MarlinException `UNSUPPORTED_MODEL` for a family without translation, `TARGET_CANNOT`
  ///   for a property that the format or llama.cpp cannot express, `CONFIG_MALFORMED`
  public static GgufMetadata of(ModelConfig config, String name, int fileType) {
    GgufKeys keys = new GgufKeys(config);
    keys.write(name, fileType);
    return new GgufMetadata(config.file().toString(), keys.out);
  }

  private void write(String name, int fileType) {
    out.put(GgufFamily.KEY, GgufValue.of(family.architecture()));
    out.put("general.type", GgufValue.of("model"));
    out.put("general.name", GgufValue.of(name));
    int hidden = config.requireInt("hidden_size");
    int heads = config.requireInt("num_attention_heads");
    whole("block_count", config.requireInt("num_hidden_layers"));
    whole("context_length", config.requireInt("max_position_embeddings"));
    whole("embedding_length", hidden);
    whole("feed_forward_length", config.requireInt("intermediate_size"));
    whole("vocab_size", config.requireInt("vocab_size"));
    whole("attention.head_count", heads);
    int kvHeads = config.integer("num_key_value_heads").orElse(heads);
    boolean latent = family == GgufFamily.DEEPSEEK2;
    whole("attention.head_count_kv", latent ? 1 : kvHeads);
    new RopeWriter(config, this).write();
    real("attention.layer_norm_rms_epsilon", config.number("rms_norm_eps").orElse(1e-6));
    if (!latent) {
      int width = config.integer("head_dim").orElse(hidden / heads);
      whole("attention.key_length", width);
      whole("attention.value_length", width);
      whole("rope.dimension_count", width);
    }
    switch (family) {
      case LLAMA, QWEN2, QWEN3 -> onlySilu();
      case QWEN3MOE -> {
        onlySilu();
        qwen3Moe();
      }
      case GEMMA3 -> gemma3();
      case DEEPSEEK2 -> {
        onlySilu();
        new DeepSeekKeys(config, this).write();
      }
    }
    out.put("general.file_type", GgufValue.uint32(fileType));
    out.put("general.quantization_version", GgufValue.uint32(QUANTIZATION_VERSION));
  }

  private void onlySilu() {
    String activation = config.text("hidden_act").orElse("silu");
    if (!activation.equals("silu")) {
      throw cannot("hidden_act \"" + activation + "\" (llama.cpp runs silu)");
    }
  }

  private void qwen3Moe() {
    int experts =
        config.integer("num_experts").orElseGet(() -> config.requireInt("num_local_experts"));
    whole("expert_count", experts);
    whole("expert_used_count", config.requireInt("num_experts_per_tok"));
    whole("expert_feed_forward_length", config.requireInt("moe_intermediate_size"));
    if (!config.flag("norm_topk_prob", false)) {
      throw cannot("norm_topk_prob false (llama.cpp normalises)");
    }
    JsonNode dense = config.root().path("mlp_only_layers");
    if (config.integer("decoder_sparse_step").orElse(1) != 1 || !dense.isEmpty()) {
      throw cannot("dense layers among those with experts");
    }
  }

  private void gemma3() {
    String activation = config.text("hidden_activation").orElse("gelu_pytorch_tanh");
    if (!activation.equals("gelu_pytorch_tanh")) {
      throw cannot("hidden_activation \"" + activation + "\"");
    }
    for (int i = 0; i < config.requireInt("num_hidden_layers"); i++) {
      if (slides(i) == ((i + 1) % GgufConfig.GEMMA3_PATTERN == 0)) {
        throw cannot("another pattern of sliding windows than five of six layers, at layer " + i);
      }
    }
    int hidden = config.requireInt("hidden_size");
    int heads = config.requireInt("num_attention_heads");
    boolean largest = config.requireInt("num_hidden_layers") == GgufConfig.GEMMA3_27B_LAYERS;
    double built =
        largest ? (double) hidden / heads : config.integer("head_dim").orElse(hidden / heads);
    if (config.number("query_pre_attn_scalar").orElse(built) != built) {
      throw cannot(
          "query_pre_attn_scalar %s (llama.cpp has %s)"
              .formatted(config.root().get("query_pre_attn_scalar"), built));
    }
    config.integer("sliding_window").ifPresent(n -> whole("attention.sliding_window", n));
    config.number("rope_local_base_freq").ifPresent(f -> real("rope.freq_base_swa", f));
    config.number("final_logit_softcapping").ifPresent(f -> real("final_logit_softcapping", f));
  }

  private boolean slides(int layer) {
    JsonNode types = config.root().path("layer_types");
    if (types.isArray() && layer < types.size()) {
      return types.get(layer).asString("").equals("sliding_attention");
    }
    int pattern = config.integer("sliding_window_pattern").orElse(GgufConfig.GEMMA3_PATTERN);
    return (layer + 1) % pattern != 0;
  }

  void whole(String key, long value) {
    out.put(family.architecture() + "." + key, GgufValue.uint32(value));
  }

  void real(String key, double value) {
    out.put(family.architecture() + "." + key, GgufValue.of((float) value));
  }

  void put(String key, GgufValue value) {
    out.put(family.architecture() + "." + key, value);
  }

  MarlinException cannot(String what) {
    return new MarlinException(
        ErrorCode.TARGET_CANNOT,
        config.file().toString(),
        "GGUF files of the architecture " + family.architecture() + " cannot say " + what,
        "Write another format; this one would run, and run wrongly.");
  }
}
