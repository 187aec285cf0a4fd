package io.metalmarlin.runtime.decode;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Columns;
import io.metalmarlin.runtime.backend.NormWeights;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.Weights;
import org.jspecify.annotations.Nullable;

/// Runs one branch of a block: the norms around its mixer and the way back into the residual
/// stream.
final class BranchRunner {
  private final Branch branch;
  private final Workspace workspace;
  private final Backend backend;
  private final MixerRunner mixer;
  private final int stages;
  private final @Nullable NormWeights before;
  private final @Nullable NormWeights after;
  private final @Nullable NormWeights sum;

  BranchRunner(Branch branch, Weights weights, Workspace workspace) {
    this.branch = branch;
    this.workspace = workspace;
    this.backend = workspace.backend();
    this.mixer = MixerRunners.open(branch.mixer(), weights, workspace);
    // A mixture's list of stages names every expert: not to be made for each token.
    this.stages = branch.mixer().stages().size();
    this.before = Norms.of(branch.before(), weights);
    this.after = Norms.of(branch.after(), weights);
    this.sum = Norms.of(branch.sum(), weights);
  }

  int stages() {
    return stages;
  }

  MixerRunner mixer() {
    return mixer;
  }

  /// The mixer's input, of a hidden state that is not changed.
  Frame enter(Tensor hidden) {
    return Frame.of(Frame.INPUT, input(hidden));
  }

  private Tensor input(Tensor hidden) {
    if (before == null) {
      return hidden;
    }
    Tensor normed = workspace.tensor(Frame.INPUT, hidden.rows(), hidden.cols());
    backend.norm(hidden, before, normed);
    return normed;
  }

  /// Brings the mixer's result back.
  ///
  /// @param hidden the state that was entered with
  /// @param target `hidden` itself, or in a parallel block what the branches before have left
  void leave(Frame frame, Tensor hidden, Tensor target) {
    Tensor update = frame.get(Frame.OUTPUT);
    if (after != null) {
      backend.norm(update, after, update);
    }
    if (branch.updateScale() != 1) {
      backend.scale(update, branch.updateScale());
    }
    if (branch.normedResidual()) {
      Columns all = Columns.of(0, hidden.cols());
      backend.copy(input(hidden), all, target, all);
    }
    if (branch.residualScale() != 1) {
      backend.scale(target, branch.residualScale());
    }
    backend.add(target, update);
    if (sum != null) {
      backend.norm(target, sum, target);
    }
  }
}
