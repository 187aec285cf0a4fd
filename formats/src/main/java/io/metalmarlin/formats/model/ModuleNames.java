package io.metalmarlin.formats.model;

import java.util.function.UnaryOperator;

/// How a family's Hugging Face checkpoints call the module that holds a weight. A bijection: two
/// different weights never share a module.
@FunctionalInterface
public interface ModuleNames {
  /// The module path, for example `model.layers.3.mlp.up_proj`; its tensors are `path + ".weight"`
  /// etc.
  String module(WeightId id);

  /// The module of the tensor that stacks a weight with others of its role: the same path without
  /// the weight's number.
  default String stack(WeightId id) {
    String module = module(id);
    String number = "." + id.expert() + ".";
    int at = module.lastIndexOf(number);
    return module.substring(0, at + 1) + module.substring(at + number.length());
  }

  /// These names in another spelling.
  default ModuleNames renamed(UnaryOperator<String> spelling) {
    ModuleNames own = this;
    return new ModuleNames() {
      @Override
      public String module(WeightId id) {
        return spelling.apply(own.module(id));
      }

      @Override
      public String stack(WeightId id) {
        return spelling.apply(own.stack(id));
      }
    };
  }
}
