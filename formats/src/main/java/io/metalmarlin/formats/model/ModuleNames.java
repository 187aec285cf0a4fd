package io.metalmarlin.formats.model;

/// How a family's Hugging Face checkpoints call the module that holds a weight. A bijection: two
/// different weights never share a module.
@FunctionalInterface
public interface ModuleNames {
  /// The module path, for example `model.layers.3.mlp.up_proj`; its tensors are `path + ".weight"`
  /// etc.
  String module(WeightId id);
}
