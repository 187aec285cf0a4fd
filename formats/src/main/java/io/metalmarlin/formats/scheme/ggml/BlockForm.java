package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import java.util.Optional;

/// A block type taken apart: runs of weights under one scale and one min, which are whole multiples
/// of two fp16 numbers of the block, and codes for the weights.
///
/// A weight decodes to `scale * level - min`, every operation rounded to fp32; [LevelForm] and
/// [PointForm] say which level a code stands for. That is what [BlockCodec#decode] gives for the
/// bytes of [#write].
public sealed interface BlockForm permits LevelForm, PointForm {
  /// The form of a type; empty for types that cannot be taken apart this way.
  static Optional<BlockForm> of(DType type) {
    return BlockForms.ALL.stream().filter(f -> f.type() == type).findFirst();
  }

  /// The type; its block is what [#readScales] and [#write] work on.
  DType type();

  /// Weights of a run.
  int run();

  /// The smallest code of a scale.
  int leastScale();

  /// The greatest code of a scale; equal to [#leastScale] where the step itself is the scale.
  int greatestScale();

  /// The greatest code of a min, the smallest being 0: 0 where there are no mins, 1 where the step
  /// itself is the min.
  int greatestMin();

  /// The scale that a code stands for.
  default float scale(float step, int code) {
    return step * code;
  }

  /// The code whose scale is nearest to `scale`, out of all whole numbers.
  default double scaleCode(float step, float scale) {
    return Math.rint((double) scale / step);
  }

  /// Whether a block is one run, whose scale and min are any fp16 numbers.
  default boolean free() {
    return leastScale() == greatestScale();
  }

  /// Reads everything but the codes of the block at `b[o ..]`.
  void readScales(byte[] b, int o, BlockNumbers to);

  /// Writes the block to `b[o ..]`.
  void write(BlockNumbers from, byte[] b, int o);
}
