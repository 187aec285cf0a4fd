package io.metalmarlin.runtime.decode;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Columns;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.model.Mlp;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.Weights;
import java.util.List;

/// Runs an [Mlp]. Between its stages lie the inner values.
final class MlpRunner implements MixerRunner {
  private static final String INNER = "inner";

  private final Mlp mlp;
  private final Workspace workspace;
  private final Backend backend;
  private final List<Product> inner;
  private final Product down;

  MlpRunner(Mlp mlp, Weights weights, Workspace workspace) {
    this.mlp = mlp;
    this.workspace = workspace;
    this.backend = workspace.backend();
    List<Linear> linears = mlp.inner().linears();
    this.inner = linears.stream().map(l -> Product.of(l, weights, backend)).toList();
    this.down = Product.of(mlp.down(), weights, backend);
  }

  @Override
  public Frame run(int stage, Frame frame, Batch batch) {
    return stage == 0
        ? Frame.of(INNER, inner(frame.get(Frame.INPUT)))
        : Frame.of(Frame.OUTPUT, down.times(frame.get(INNER), Frame.OUTPUT, workspace));
  }

  private Tensor inner(Tensor x) {
    switch (mlp.inner()) {
      case Mlp.Inner.Plain p -> {
        Tensor up = inner.getFirst().times(x, INNER, workspace);
        backend.activate(mlp.activation(), up);
        return up;
      }
      case Mlp.Inner.Gated g -> {
        Tensor gate = inner.getFirst().times(x, INNER, workspace);
        backend.gate(mlp.activation(), gate, inner.getLast().times(x, "up", workspace));
        return gate;
      }
      case Mlp.Inner.Fused f -> {
        Tensor both = inner.getFirst().times(x, "gate_up", workspace);
        int width = both.cols() / 2;
        Tensor gate = workspace.tensor(INNER, x.rows(), width);
        Tensor up = workspace.tensor("up", x.rows(), width);
        backend.copy(both, Columns.of(0, width), gate, Columns.of(0, width));
        backend.copy(both, Columns.of(width, width), up, Columns.of(0, width));
        backend.gate(mlp.activation(), gate, up);
        return gate;
      }
    }
  }

  @Override
  public Tensor input(int stage, String inputGroup, Frame frame) {
    return frame.get(stage == 0 ? Frame.INPUT : INNER);
  }
}
