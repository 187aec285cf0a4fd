package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.NameTable;
import io.metalmarlin.formats.model.Role;

/// Names of mixtures that several families share.
final class ExpertNames {
  /// Experts that stand where a dense layer's MLP stands.
  static final NameTable QWEN =
      NameTable.LLAMA
          .with(Role.ROUTER, "mlp.gate")
          .withExperts(Role.GATE, "mlp.experts.{e}.gate_proj")
          .withExperts(Role.UP, "mlp.experts.{e}.up_proj")
          .withExperts(Role.DOWN, "mlp.experts.{e}.down_proj");

  /// Mixtral's.
  static final NameTable MIXTRAL =
      NameTable.LLAMA
          .with(Role.ROUTER, "block_sparse_moe.gate")
          .with(Role.GATE, "block_sparse_moe.experts.{e}.w1")
          .with(Role.UP, "block_sparse_moe.experts.{e}.w3")
          .with(Role.DOWN, "block_sparse_moe.experts.{e}.w2");

  /// Qwen's beside a shared MLP with a weight.
  static final NameTable QWEN_SHARED =
      shared(QWEN, "mlp.shared_expert").with(Role.SHARED_WEIGHT, "mlp.shared_expert_gate");

  /// Qwen's beside shared MLPs, with a correction of the choice.
  static final NameTable CORRECTED =
      shared(QWEN, "mlp.shared_experts")
          .with(Role.ROUTER_CORRECTION, "mlp.gate.e_score_correction_bias");

  private ExpertNames() {}

  /// Experts in tensors of all of them, gate and up in one.
  static NameTable stacked(NameTable names, String gateUp, String down) {
    return names
        .withStack(Role.GATE_UP, gateUp)
        .withStack(Role.GATE, gateUp)
        .withStack(Role.UP, gateUp)
        .withStack(Role.DOWN, down);
  }

  /// A shared MLP of that name.
  static NameTable shared(NameTable names, String module) {
    return names
        .with(Role.SHARED_GATE, module + ".gate_proj")
        .with(Role.SHARED_UP, module + ".up_proj")
        .with(Role.SHARED_DOWN, module + ".down_proj");
  }
}
