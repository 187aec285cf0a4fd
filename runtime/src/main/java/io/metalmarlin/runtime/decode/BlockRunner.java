package io.metalmarlin.runtime.decode;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Columns;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.model.ModelSpec.Block;
import io.metalmarlin.runtime.model.Weights;
import java.util.List;

/// Runs one block, whole or branch by branch and stage by stage.
final class BlockRunner {
  private final Block block;
  private final Workspace workspace;
  private final Backend backend;
  private final List<BranchRunner> branches;

  BlockRunner(Block block, Weights weights, Workspace workspace) {
    this.block = block;
    this.workspace = workspace;
    this.backend = workspace.backend();
    this.branches =
        block.branches().stream().map(b -> new BranchRunner(b, weights, workspace)).toList();
  }

  BranchRunner branch(int index) {
    return branches.get(index);
  }

  /// Runs every branch on `hidden` in place.
  void run(Tensor hidden, MixerRunner.Batch batch) {
    Tensor sum = block.parallel() ? workspace.tensor("sum", hidden.rows(), hidden.cols()) : hidden;
    for (int b = 0; b < branches.size(); b++) {
      BranchRunner branch = branches.get(b);
      Frame frame = branch.enter(hidden);
      for (int s = 0; s < branch.stages(); s++) {
        frame = branch.mixer().run(s, frame, batch);
      }
      leave(b, frame, hidden, sum);
    }
    if (block.parallel()) {
      copy(sum, hidden);
    }
  }

  /// Brings a branch's result into `sum`, which is `hidden` itself unless the block is parallel.
  void leave(int index, Frame frame, Tensor hidden, Tensor sum) {
    if (block.parallel() && index == 0) {
      copy(hidden, sum);
    }
    branches.get(index).leave(frame, hidden, sum);
  }

  private void copy(Tensor from, Tensor to) {
    Columns all = Columns.of(0, from.cols());
    backend.copy(from, all, to, all);
  }
}
