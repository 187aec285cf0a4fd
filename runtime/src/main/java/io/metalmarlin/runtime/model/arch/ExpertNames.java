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

  private ExpertNames() {}

  /// A shared MLP of that name.
  static NameTable shared(NameTable names, String module) {
    return names
        .with(Role.SHARED_GATE, module + ".gate_proj")
        .with(Role.SHARED_UP, module + ".up_proj")
        .with(Role.SHARED_DOWN, module + ".down_proj");
  }
}
