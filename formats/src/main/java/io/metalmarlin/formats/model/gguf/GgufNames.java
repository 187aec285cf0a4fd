package io.metalmarlin.formats.model.gguf;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// Module names of one family, GGUF to Hugging Face and back. Stacked experts are one module in
/// GGUF and many in Hugging Face; both ways lead through [Experts].
///
/// `blk.3.attn_q` is `model.layers.3.self_attn.q_proj`, `blk.3.ffn_gate_exps` is
/// `model.layers.3.mlp.experts.*.gate_proj`.
public final class GgufNames {
  /// The stacked experts of one projection of one layer.
  ///
  /// @param layer 0-based
  /// @param projection `gate_proj`, `up_proj`, `down_proj`, or `gate_up_proj` where both are in one
  public record Experts(int layer, String projection) {
    String module(int expert) {
      return module(expert, projection);
    }

    String module(int expert, String part) {
      return "model.layers." + layer + ".mlp.experts." + expert + "." + part;
    }

    /// The GGUF stem of the stack.
    public String stem() {
      return "blk." + layer + ".ffn_" + projection.replace("_proj", "") + "_exps";
    }
  }

  private static final Pattern BLOCK = Pattern.compile("blk\\.(\\d{1,6})\\.(.+)");
  private static final Pattern LAYER = Pattern.compile("model\\.layers\\.(\\d{1,6})\\.(.+)");
  private static final Pattern STACK = Pattern.compile("ffn_(gate|up|down|gate_up)_exps");
  private static final Pattern EXPERT =
      Pattern.compile("mlp\\.experts\\.(\\d{1,6})\\.(gate_proj|up_proj|down_proj)");

  private static final List<Map.Entry<String, String>> GLOBAL =
      List.of(
          Map.entry("token_embd", "model.embed_tokens"),
          Map.entry("output_norm", "model.norm"),
          Map.entry("output", "lm_head"));

  private static final List<Map.Entry<String, String>> BLOCKS =
      List.of(
          Map.entry("attn_norm", "input_layernorm"),
          Map.entry("attn_q", "self_attn.q_proj"),
          Map.entry("attn_k", "self_attn.k_proj"),
          Map.entry("attn_v", "self_attn.v_proj"),
          Map.entry("attn_output", "self_attn.o_proj"),
          Map.entry("attn_q_norm", "self_attn.q_norm"),
          Map.entry("attn_k_norm", "self_attn.k_norm"),
          Map.entry("attn_q_a", "self_attn.q_a_proj"),
          Map.entry("attn_q_a_norm", "self_attn.q_a_layernorm"),
          Map.entry("attn_q_b", "self_attn.q_b_proj"),
          Map.entry("attn_kv_a_mqa", "self_attn.kv_a_proj_with_mqa"),
          Map.entry("attn_kv_a_norm", "self_attn.kv_a_layernorm"),
          Map.entry("attn_kv_b", "self_attn.kv_b_proj"),
          Map.entry("ffn_gate_inp", "mlp.gate"),
          Map.entry("ffn_gate", "mlp.gate_proj"),
          Map.entry("ffn_up", "mlp.up_proj"),
          Map.entry("ffn_down", "mlp.down_proj"),
          Map.entry("ffn_gate_shexp", "mlp.shared_experts.gate_proj"),
          Map.entry("ffn_up_shexp", "mlp.shared_experts.up_proj"),
          Map.entry("ffn_down_shexp", "mlp.shared_experts.down_proj"));

  private static final List<Map.Entry<String, String>> NORMS =
      List.of(Map.entry("ffn_norm", "post_attention_layernorm"));

  private static final List<Map.Entry<String, String>> GEMMA3_NORMS =
      List.of(
          Map.entry("post_attention_norm", "post_attention_layernorm"),
          Map.entry("ffn_norm", "pre_feedforward_layernorm"),
          Map.entry("post_ffw_norm", "post_feedforward_layernorm"));

  private final Map<String, String> toHuggingFace = new HashMap<>();
  private final Map<String, String> toGguf = new HashMap<>();

  public GgufNames(GgufFamily family) {
    put(GLOBAL);
    put(BLOCKS);
    put(family == GgufFamily.GEMMA3 ? GEMMA3_NORMS : NORMS);
  }

  private void put(List<Map.Entry<String, String>> pairs) {
    for (Map.Entry<String, String> p : pairs) {
      toHuggingFace.put(p.getKey(), p.getValue());
      toGguf.put(p.getValue(), p.getKey());
    }
  }

  /// The Hugging Face module of a GGUF stem (a tensor's name without `.weight`), if there is one.
  public Optional<String> module(String stem) {
    Matcher m = BLOCK.matcher(stem);
    return m.matches()
        ? Optional.ofNullable(toHuggingFace.get(m.group(2)))
            .filter(name -> !isGlobal(m.group(2)))
            .map(name -> "model.layers." + m.group(1) + "." + name)
        : Optional.ofNullable(toHuggingFace.get(stem)).filter(name -> isGlobal(stem));
  }

  /// The GGUF stem of a Hugging Face module, if there is one; an expert has none of its own.
  public Optional<String> stem(String module) {
    Matcher m = LAYER.matcher(module);
    return m.matches()
        ? Optional.ofNullable(toGguf.get(m.group(2))).map(name -> "blk." + m.group(1) + "." + name)
        : Optional.ofNullable(toGguf.get(module)).filter(GgufNames::isGlobal);
  }

  /// What a GGUF stem stacks, if it is the stem of stacked experts.
  public static Optional<Experts> experts(String stem) {
    Matcher block = BLOCK.matcher(stem);
    if (!block.matches()) {
      return Optional.empty();
    }
    Matcher stack = STACK.matcher(block.group(2));
    return stack.matches()
        ? Optional.of(new Experts(Integer.parseInt(block.group(1)), stack.group(1) + "_proj"))
        : Optional.empty();
  }

  /// The stack to which a Hugging Face module belongs, if it is an expert.
  public static Optional<Experts> expertsOf(String module) {
    Matcher layer = LAYER.matcher(module);
    if (!layer.matches()) {
      return Optional.empty();
    }
    Matcher expert = EXPERT.matcher(layer.group(2));
    return expert.matches()
        ? Optional.of(new Experts(Integer.parseInt(layer.group(1)), expert.group(2)))
        : Optional.empty();
  }

  /// The layer in a Hugging Face or GGUF name, or -1 outside the layers.
  static int layer(String name) {
    for (Pattern pattern : List.of(LAYER, BLOCK)) {
      Matcher m = pattern.matcher(name);
      if (m.matches()) {
        return Integer.parseInt(m.group(1));
      }
    }
    return -1;
  }

  /// The number of an expert's module, one for which [#expertsOf] has an answer.
  public static int expert(String module) {
    Matcher layer = LAYER.matcher(module);
    if (layer.matches()) {
      Matcher expert = EXPERT.matcher(layer.group(2));
      if (expert.matches()) {
        return Integer.parseInt(expert.group(1));
      }
    }
    throw new IllegalArgumentException(module + " is no expert");
  }

  /// Where a tensor stands in a file: embedding, rotary factors, blocks, last norm, head.
  int rank(String tensor) {
    int layer = layer(tensor);
    if (layer >= 0) {
      String name = tensor.substring(tensor.indexOf('.', "blk.".length()) + 1);
      String stem = name.substring(0, Math.max(name.lastIndexOf('.'), 0));
      int at =
          IntStream.range(0, BLOCKS.size())
              .filter(i -> BLOCKS.get(i).getKey().equals(stem))
              .findFirst()
              .orElse(BLOCKS.size());
      return 2 + layer * (BLOCKS.size() + 1) + at;
    }
    return switch (tensor) {
      case "token_embd.weight" -> 0;
      case ViewBuilder.ROPE_FACTORS -> 1;
      case "output_norm.weight" -> Integer.MAX_VALUE - 1;
      default -> Integer.MAX_VALUE;
    };
  }

  private static boolean isGlobal(String stem) {
    return GLOBAL.stream().anyMatch(p -> p.getKey().equals(stem));
  }
}
