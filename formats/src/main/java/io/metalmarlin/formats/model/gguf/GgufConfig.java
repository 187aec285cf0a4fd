package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.container.gguf.GgufCheckpoint;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A `config.json` made of GGUF metadata, in the spelling of transformers 4, which every loader
/// reads. What GGUF does not say is what llama.cpp has built in for the architecture.
public final class GgufConfig {
  static final int GEMMA3_27B_LAYERS = 62;
  static final int GEMMA3_PATTERN = 6;

  private final GgufCheckpoint file;
  private final GgufFamily family;
  private final KeyReader keys;
  private final ObjectNode out = JsonMapper.shared().createObjectNode();

  private GgufConfig(GgufCheckpoint file) {
    this.file = file;
    this.family = GgufFamily.of(file.typedMetadata());
    this.keys = new KeyReader(file.typedMetadata(), family.architecture());
  }

  /// The configuration of an opened model; reads a tensor's data only for `rope_freqs.weight`.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `UNSUPPORTED_MODEL`, `CONFIG_MALFORMED`
  public static ModelConfig of(GgufCheckpoint file) {
    return new ModelConfig(file.files().getFirst(), new GgufConfig(file).read());
  }

  private ObjectNode read() {
    out.putArray("architectures").add(family.className());
    out.put("model_type", family.modelType());
    base();
    switch (family) {
      case LLAMA -> llama();
      case QWEN2 -> out.put("use_sliding_window", false);
      case QWEN3 -> attentionBias();
      case QWEN3MOE -> {
        attentionBias();
        qwen3Moe();
      }
      case GEMMA3 -> gemma3();
      case DEEPSEEK2 -> new DeepSeekConfig(file, keys, out).read();
    }
    new RopeKeys(file, keys).putInto(out);
    ids();
    out.put("tie_word_embeddings", !has("output.weight"));
    out.put("torch_dtype", dtype());
    return out;
  }

  private void base() {
    int hidden = keys.require("embedding_length");
    int heads = keys.require("attention.head_count");
    out.put("hidden_size", hidden);
    keys.whole("feed_forward_length").ifPresent(n -> out.put("intermediate_size", n));
    out.put("num_hidden_layers", layers());
    out.put("num_attention_heads", heads);
    out.put("num_key_value_heads", keys.whole("attention.head_count_kv").orElse(heads));
    if (family != GgufFamily.DEEPSEEK2) {
      int width = keys.whole("attention.key_length").orElse(hidden / heads);
      int values = keys.whole("attention.value_length").orElse(width);
      if (values != width) {
        throw keys.unsupported("keys have %d elements a head, values %d".formatted(width, values));
      }
      out.put("head_dim", width);
    }
    out.put("hidden_act", "silu");
    keys.real("attention.layer_norm_rms_epsilon").ifPresent(e -> out.put("rms_norm_eps", e));
    keys.whole("context_length").ifPresent(n -> out.put("max_position_embeddings", n));
    out.put("vocab_size", vocabulary());
  }

  /// Blocks have tensors, so a number in a file cannot make more of them than it has.
  private int layers() {
    int layers = keys.require("block_count");
    if (layers > file.tensors().size()) {
      throw keys.malformed(
          "says %d blocks, it has %d tensors".formatted(layers, file.tensors().size()));
    }
    return layers;
  }

  /// The rows of the embedding, which are what a loader asks for.
  private int vocabulary() {
    TensorInfo embedding = file.tensors().get("token_embd.weight");
    if (embedding == null || embedding.shape().size() != 2) {
      return keys.require("vocab_size");
    }
    long rows = embedding.shape().getFirst();
    if (rows != (int) rows) {
      throw keys.malformed("token_embd.weight has " + rows + " rows");
    }
    return (int) rows;
  }

  private void llama() {
    if (keys.whole("expert_count").orElse(0) > 0) {
      throw keys.unsupported("mixtures of experts of the llama architecture are not translated");
    }
    attentionBias();
    out.put("mlp_bias", has("blk.0.ffn_gate.bias"));
  }

  private void attentionBias() {
    out.put("attention_bias", has("blk.0.attn_q.bias"));
  }

  private void qwen3Moe() {
    out.put("num_experts", keys.require("expert_count"));
    out.put("num_experts_per_tok", keys.require("expert_used_count"));
    out.put("moe_intermediate_size", keys.require("expert_feed_forward_length"));
    out.put("norm_topk_prob", keys.flag("expert_weights_norm").orElse(true));
    out.put("decoder_sparse_step", 1);
    ArrayNode dense = out.putArray("mlp_only_layers");
    for (int i = 0; i < layers(); i++) {
      if (has("blk." + i + ".ffn_gate.weight")) {
        dense.add(i);
      }
    }
  }

  /// Five layers with a window, then one without; built into llama.cpp, as is the scale of 27B.
  private void gemma3() {
    int layers = layers();
    out.remove("hidden_act");
    out.put("hidden_activation", "gelu_pytorch_tanh");
    boolean largest = layers == GEMMA3_27B_LAYERS;
    out.put(
        "query_pre_attn_scalar",
        largest
            ? keys.require("embedding_length") / keys.require("attention.head_count")
            : out.get("head_dim").intValue());
    keys.whole("attention.sliding_window").ifPresent(n -> out.put("sliding_window", n));
    out.put("sliding_window_pattern", GEMMA3_PATTERN);
    ArrayNode types = out.putArray("layer_types");
    for (int i = 1; i <= layers; i++) {
      types.add(i % GEMMA3_PATTERN == 0 ? "full_attention" : "sliding_attention");
    }
    out.put("rope_local_base_freq", keys.real("rope.freq_base_swa").orElse(10000.0));
    keys.real("final_logit_softcapping").ifPresent(n -> out.put("final_logit_softcapping", n));
  }

  private void ids() {
    KeyReader tokenizer = new KeyReader(file.typedMetadata(), "tokenizer.ggml");
    tokenizer.whole("bos_token_id").ifPresent(id -> out.put("bos_token_id", id));
    tokenizer.whole("eos_token_id").ifPresent(id -> out.put("eos_token_id", id));
    tokenizer.whole("padding_token_id").ifPresent(id -> out.put("pad_token_id", id));
  }

  /// The type of the original model, as far as the file shows it: that of its dense matrices.
  private String dtype() {
    boolean f16 = false;
    for (TensorInfo t : file.tensors().values()) {
      if (t.shape().size() > 1 && t.dtype() == DType.BF16) {
        return "bfloat16";
      }
      f16 |= t.shape().size() > 1 && t.dtype() == DType.F16;
    }
    boolean onlyF32 = file.tensors().values().stream().allMatch(t -> t.dtype() == DType.F32);
    return f16 ? "float16" : onlyF32 ? "float32" : "bfloat16";
  }

  private boolean has(String tensor) {
    return file.tensors().containsKey(tensor);
  }
}
