package io.metalmarlin.runtime.decode;

import io.metalmarlin.runtime.backend.KvCache;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.model.Sequences;
import org.jspecify.annotations.Nullable;

/// Runs one mixer with its weights, stage by stage. Tensors it returns are those of the workspace.
interface MixerRunner {
  /// What a batch is: how its rows fall into sequences, and what came before them.
  ///
  /// @param layer the block
  record Batch(int layer, Sequences sequences, @Nullable KvCache cache) {}

  /// Runs the products of a stage and everything up to the next stage's products.
  ///
  /// @param frame what the stage before left, or the mixer's input
  /// @return what the next stage needs, or the mixer's result
  Frame run(int stage, Frame frame, Batch batch);

  /// The rows that the products of an input group multiply; a tensor of the frame where all tokens
  /// are among them.
  ///
  /// @param frame what lies before the stage of that group
  Tensor input(int stage, String inputGroup, Frame frame);
}
