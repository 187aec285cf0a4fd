package io.metalmarlin.formats.model;

import java.util.EnumMap;
import java.util.Map;

/// A family's module names as a table: role to path, `{e}` in a path standing for the number of
/// expert or head. Paths of weights inside a block are relative to `layers.N.`.
///
/// @param layers what stands before the number of a block, for example `model.layers.`
/// @param paths module path by role
/// @param experts likewise for weights with a number, where a family has the role with and without
/// @param stacks of tensors that hold the weights of all numbers, where they are called otherwise
///   than the weights without their number
public record NameTable(
    String layers, Map<Role, String> paths, Map<Role, String> experts, Map<Role, String> stacks)
    implements ModuleNames {
  /// Llama and the many families that follow it (Qwen, Mistral, ...).
  public static final NameTable LLAMA =
      new NameTable("model.layers.", Map.of())
          .with(Role.EMBEDDING, "model.embed_tokens")
          .with(Role.FINAL_NORM, "model.norm")
          .with(Role.HEAD, "lm_head")
          .with(Role.ATTENTION_NORM, "input_layernorm")
          .with(Role.MLP_NORM, "post_attention_layernorm")
          .with(Role.QKV, "self_attn.qkv_proj")
          .with(Role.Q, "self_attn.q_proj")
          .with(Role.K, "self_attn.k_proj")
          .with(Role.V, "self_attn.v_proj")
          .with(Role.O, "self_attn.o_proj")
          .with(Role.Q_NORM, "self_attn.q_norm")
          .with(Role.K_NORM, "self_attn.k_norm")
          .with(Role.GATE_UP, "mlp.gate_up_proj")
          .with(Role.GATE, "mlp.gate_proj")
          .with(Role.UP, "mlp.up_proj")
          .with(Role.DOWN, "mlp.down_proj");

  /// The same with norms behind the branches (OLMo 2).
  public static final NameTable BEHIND =
      LLAMA
          .with(Role.POST_ATTENTION_NORM, "post_attention_layernorm")
          .with(Role.POST_MLP_NORM, "post_feedforward_layernorm");

  /// The same with a norm behind each branch as well as before it (Gemma).
  public static final NameTable SANDWICH = BEHIND.with(Role.MLP_NORM, "pre_feedforward_layernorm");

  public NameTable {
    paths = Map.copyOf(paths);
    experts = Map.copyOf(experts);
    stacks = Map.copyOf(stacks);
  }

  public NameTable(String layers, Map<Role, String> paths) {
    this(layers, paths, Map.of(), Map.of());
  }

  /// This table with another path for one role.
  public NameTable with(Role role, String path) {
    return new NameTable(layers, changed(paths, role, path), experts, stacks);
  }

  /// This table with a path for one role of experts.
  public NameTable withExperts(Role role, String path) {
    return new NameTable(layers, paths, changed(experts, role, path), stacks);
  }

  /// This table with a path for the tensor that stacks the experts' weights of a role.
  public NameTable withStack(Role role, String path) {
    return new NameTable(layers, paths, experts, changed(stacks, role, path));
  }

  private static Map<Role, String> changed(Map<Role, String> of, Role role, String path) {
    Map<Role, String> changed = new EnumMap<>(Role.class);
    changed.putAll(of);
    changed.put(role, path);
    return changed;
  }

  @Override
  public String module(WeightId id) {
    boolean expert = id.expert() != WeightId.SINGLE && experts.containsKey(id.role());
    String path = (expert ? experts : paths).get(id.role());
    if (path == null) {
      throw new IllegalArgumentException("this family has no name for " + id);
    }
    if (id.expert() != WeightId.SINGLE) {
      path = path.replace("{e}", Integer.toString(id.expert()));
    }
    return full(id, path);
  }

  @Override
  public String stack(WeightId id) {
    String path = stacks.get(id.role());
    return path == null ? ModuleNames.super.stack(id) : full(id, path);
  }

  private String full(WeightId id, String path) {
    return id.layer() == WeightId.OUTSIDE ? path : layers + id.layer() + "." + path;
  }
}
