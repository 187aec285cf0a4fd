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
        ? Frame.of(INNER, inner(frame.get(Frame.INPUT), INNER))
        : Frame.of(Frame.OUTPUT, down(frame.get(INNER), Frame.OUTPUT));
  }

  /// The product down, in a tensor of that name.
  Tensor down(Tensor x, String name) {
    return down.times(x, name, workspace);
  }

  /// The inner values, in a tensor of that name.
  Tensor inner(Tensor x, String name) {
    switch (mlp.inner()) {
      case Mlp.Inner.Plain p -> {
        Tensor up = inner.getFirst().times(x, name, workspace);
        backend.activate(mlp.activation(), up);
        return up;
      }
      case Mlp.Inner.Gated g -> {
        Tensor gate = inner.getFirst().times(x, name, workspace);
        return gate(gate, inner.getLast().times(x, "up", workspace));
      }
      case Mlp.Inner.Fused f -> {
        Tensor both = inner.getFirst().times(x, "gate_up", workspace);
        int width = both.cols() / 2;
        Tensor gate = workspace.tensor(name, x.rows(), width);
        Tensor up = workspace.tensor("up", x.rows(), width);
        boolean turns = f.alternating();
        Columns all = Columns.of(0, width);
        backend.copy(both, turns ? new Columns(0, 1, 2, width) : all, gate, all);
        backend.copy(both, turns ? new Columns(1, 1, 2, width) : Columns.of(width, width), up, all);
        return gate(gate, up);
      }
    }
  }

  private Tensor gate(Tensor gate, Tensor up) {
    if (mlp.clamp().isPresent()) {
      backend.clampedGate(mlp.clamp().get(), gate, up);
    } else {
      backend.gate(mlp.activation(), gate, up);
    }
    return gate;
  }

  @Override
  public Tensor input(int stage, String inputGroup, Frame frame) {
    return frame.get(stage == 0 ? Frame.INPUT : INNER);
  }
}
