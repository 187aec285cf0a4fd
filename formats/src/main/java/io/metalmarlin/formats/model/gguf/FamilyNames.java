package io.metalmarlin.formats.model.gguf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/// A family's module names beside those of GGUF.
///
/// @param root before the names of the model's body, which some checkpoints leave out
/// @param layers before the number of a block, the root included
/// @param outside GGUF stem to module
/// @param blocks likewise inside a block, in the order of a file
/// @param experts before the number of an expert, inside a block
/// @param parts an expert's gate, up and down
/// @param also further modules of stems, which a checkpoint may hold instead
record FamilyNames(
    String root,
    String layers,
    SequencedMap<String, String> outside,
    SequencedMap<String, String> blocks,
    String experts,
    List<String> parts,
    Map<String, String> also) {
  private static final List<String> PROJECTIONS = List.of("gate_proj", "up_proj", "down_proj");

  /// Llama's, and what stands beside them in families with head norms, latent attention and
  /// experts.
  static final FamilyNames LLAMA =
      new FamilyNames("", "model.layers.", "mlp.experts.", PROJECTIONS)
          .outside("token_embd", "model.embed_tokens")
          .outside("output_norm", "model.norm")
          .outside("output", "lm_head")
          .block("attn_norm", "input_layernorm")
          .block("attn_qkv", "self_attn.qkv_proj")
          .block("attn_q", "self_attn.q_proj")
          .block("attn_k", "self_attn.k_proj")
          .block("attn_v", "self_attn.v_proj")
          .block("attn_output", "self_attn.o_proj")
          .block("attn_q_norm", "self_attn.q_norm")
          .block("attn_k_norm", "self_attn.k_norm")
          .block("attn_q_a", "self_attn.q_a_proj")
          .block("attn_q_a_norm", "self_attn.q_a_layernorm")
          .block("attn_q_b", "self_attn.q_b_proj")
          .block("attn_kv_a_mqa", "self_attn.kv_a_proj_with_mqa")
          .block("attn_kv_a_norm", "self_attn.kv_a_layernorm")
          .block("attn_kv_b", "self_attn.kv_b_proj")
          .block("ffn_norm", "post_attention_layernorm")
          .block("ffn_gate_inp", "mlp.gate")
          .block("ffn_gate", "mlp.gate_proj")
          .block("ffn_up", "mlp.up_proj")
          .block("ffn_down", "mlp.down_proj")
          .block("ffn_gate_shexp", "mlp.shared_experts.gate_proj")
          .block("ffn_up_shexp", "mlp.shared_experts.up_proj")
          .block("ffn_down_shexp", "mlp.shared_experts.down_proj");

  /// Norms behind the branches.
  static final FamilyNames BEHIND =
      LLAMA
          .block("post_attention_norm", "post_attention_layernorm")
          .without("ffn_norm")
          .block("post_ffw_norm", "post_feedforward_layernorm");

  /// Norms before and behind each branch.
  static final FamilyNames SANDWICH = BEHIND.block("ffn_norm", "pre_feedforward_layernorm");

  FamilyNames(String root, String layers, String experts, List<String> parts) {
    this(root, layers, new LinkedHashMap<>(), new LinkedHashMap<>(), experts, parts, Map.of());
  }

  /// The same names behind others.
  FamilyNames under(String body, String blocksOf) {
    return new FamilyNames(body, blocksOf, outside, blocks, experts, parts, also);
  }

  FamilyNames outside(String stem, String module) {
    return new FamilyNames(
        root, layers, changed(outside, stem, module), blocks, experts, parts, also);
  }

  FamilyNames block(String stem, String module) {
    return new FamilyNames(
        root, layers, outside, changed(blocks, stem, module), experts, parts, also);
  }

  FamilyNames without(String... stems) {
    SequencedMap<String, String> fewer = new LinkedHashMap<>(blocks);
    fewer.keySet().removeAll(Set.of(stems));
    return new FamilyNames(root, layers, outside, fewer, experts, parts, also);
  }

  FamilyNames experts(String before, String... gateUpDown) {
    return new FamilyNames(root, layers, outside, blocks, before, List.of(gateUpDown), also);
  }

  /// A module inside a block, or outside of all, that takes the place of a stem's own.
  FamilyNames also(String module, String stem) {
    return new FamilyNames(
        root, layers, outside, blocks, experts, parts, changed(also, module, stem));
  }

  /// The part of an expert that a neutral projection name stands for.
  String part(String projection) {
    return parts.get(PROJECTIONS.indexOf(projection));
  }

  /// The neutral name of an expert's part.
  String projection(String part) {
    return PROJECTIONS.get(parts.indexOf(part));
  }

  private static SequencedMap<String, String> changed(
      Map<String, String> of, String key, String value) {
    SequencedMap<String, String> changed = new LinkedHashMap<>(of);
    changed.put(key, value);
    return changed;
  }

  /// All stems inside a block, in the order of a file.
  List<String> order() {
    return new ArrayList<>(blocks.keySet());
  }
}
