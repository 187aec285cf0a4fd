package io.metalmarlin.runtime.model.arch;

import java.util.Map;

/// What a missing `max_position_embeddings` means, by family.
///
/// Source: the configuration classes of transformers 5.17.
final class DefaultContext {
  private static final int MOST = 2048;

  private static final Map<String, Integer> OTHERS =
      Map.ofEntries(
          Map.entry("cohere2", 8192),
          Map.entry("deepseek_v3", 4096),
          Map.entry("ernie4_5", 131072),
          Map.entry("gemma2", 8192),
          Map.entry("gemma3_text", 131072),
          Map.entry("glm4", 131072),
          Map.entry("glm4_moe", 131072),
          Map.entry("gpt_oss", 131072),
          Map.entry("llama4_text", 131072),
          Map.entry("minimax", 131072),
          Map.entry("mistral", 131072),
          Map.entry("mixtral", 131072),
          Map.entry("nemotron", 4096),
          Map.entry("olmoe", 4096),
          Map.entry("phi3", 4096),
          Map.entry("qwen2", 32768),
          Map.entry("qwen2_moe", 32768),
          Map.entry("qwen3", 32768),
          Map.entry("qwen3_moe", 32768),
          Map.entry("qwen3_next", 32768),
          Map.entry("smollm3", 32768),
          Map.entry("stablelm", 4096),
          Map.entry("starcoder2", 4096));

  private DefaultContext() {}

  /// Tokens that a family's models have seen unless they say otherwise.
  static int of(String family) {
    return OTHERS.getOrDefault(family, MOST);
  }
}
