package io.metalmarlin.tests.synthetic;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/// The dimensions of a made-up Llama or Qwen3 checkpoint with tied embeddings.
///
/// @param modelType `llama` or `qwen3` (which adds per-head norms of queries and keys)
public record SyntheticShape(
    String modelType,
    int layers,
    int hidden,
    int intermediate,
    int heads,
    int kvHeads,
    int headDim,
    int vocabulary) {

  /// A small model for tests of behaviour, not of size: 2 layers, 0.1 million weights.
  public static SyntheticShape small(String modelType) {
    return new SyntheticShape(modelType, 2, 64, 128, 4, 2, 16, 512);
  }

  /// The least number of 2048-wide layers whose checkpoint has at least `bytes` bytes of weights.
  public static SyntheticShape atLeast(String modelType, long bytes, int vocabulary) {
    SyntheticShape one = new SyntheticShape(modelType, 1, 2048, 5632, 16, 8, 128, vocabulary);
    long layer = one.withLayers(2).bytes() - one.bytes();
    long outside = one.bytes() - layer;
    return one.withLayers(Math.toIntExact(Math.max(1, Math.ceilDiv(bytes - outside, layer))));
  }

  public SyntheticShape withLayers(int n) {
    return new SyntheticShape(
        modelType, n, hidden, intermediate, heads, kvHeads, headDim, vocabulary);
  }

  public SyntheticShape withHidden(int n) {
    return new SyntheticShape(
        modelType, layers, n, intermediate, heads, kvHeads, headDim, vocabulary);
  }

  /// Bytes of all weights as bfloat16.
  public long bytes() {
    return tensors().values().stream().mapToLong(SyntheticShape::bytes).sum();
  }

  static long bytes(long[] shape) {
    long n = 2;
    for (long d : shape) {
      n = Math.multiplyExact(n, d);
    }
    return n;
  }

  /// Every tensor's shape, in name order.
  public SequencedMap<String, long[]> tensors() {
    TreeMap<String, long[]> all = new TreeMap<>();
    all.put("model.embed_tokens.weight", new long[] {vocabulary, hidden});
    all.put("model.norm.weight", new long[] {hidden});
    for (int i = 0; i < layers; i++) {
      String p = "model.layers." + i + ".";
      all.put(p + "input_layernorm.weight", new long[] {hidden});
      all.put(p + "post_attention_layernorm.weight", new long[] {hidden});
      all.put(p + "self_attn.q_proj.weight", new long[] {(long) heads * headDim, hidden});
      all.put(p + "self_attn.k_proj.weight", new long[] {(long) kvHeads * headDim, hidden});
      all.put(p + "self_attn.v_proj.weight", new long[] {(long) kvHeads * headDim, hidden});
      all.put(p + "self_attn.o_proj.weight", new long[] {hidden, (long) heads * headDim});
      all.put(p + "mlp.gate_proj.weight", new long[] {intermediate, hidden});
      all.put(p + "mlp.up_proj.weight", new long[] {intermediate, hidden});
      all.put(p + "mlp.down_proj.weight", new long[] {hidden, intermediate});
      if (modelType.equals("qwen3")) {
        all.put(p + "self_attn.q_norm.weight", new long[] {headDim});
        all.put(p + "self_attn.k_norm.weight", new long[] {headDim});
      }
    }
    return all;
  }

  /// The keys of `config.json` that a loader reads.
  public Map<String, Object> config() {
    TreeMap<String, Object> c = new TreeMap<>();
    String family = modelType.equals("qwen3") ? "Qwen3" : "Llama";
    c.put("model_type", modelType);
    c.put("architectures", List.of(family + "ForCausalLM"));
    c.put("hidden_size", hidden);
    c.put("intermediate_size", intermediate);
    c.put("num_hidden_layers", layers);
    c.put("num_attention_heads", heads);
    c.put("num_key_value_heads", kvHeads);
    c.put("head_dim", headDim);
    c.put("vocab_size", vocabulary);
    c.put("max_position_embeddings", 2048);
    c.put("rms_norm_eps", 1e-6);
    c.put("rope_theta", 10000.0);
    c.put("hidden_act", "silu");
    c.put("attention_bias", false);
    c.put("tie_word_embeddings", true);
    c.put("torch_dtype", "bfloat16");
    return c;
  }
}
