package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.Packing;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// One family's way of spelling a checkpoint: tensor suffixes and config keys. Knows no numbers.
public interface Dialect {
  /// Short name, for example `compressed-tensors`.
  String name();

  /// Whether a checkpoint with this configuration is written in this dialect.
  boolean accepts(ModelConfig config, Checkpoint checkpoint);

  /// The byte layout of the module `stem`, or empty when its `.weight` is dense.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `REFUSED_FORMAT` for a layout that this dialect
  ///   knows but this version does not read
  Optional<Packing> packing(ModelConfig config, Checkpoint checkpoint, String stem);

  /// The online transform a runner must apply to the input of module `stem`.
  default Optional<InputTransform> inputTransform(ModelConfig config, String stem) {
    return Optional.empty();
  }

  /// The packing this dialect writes for a user-level scheme name, or empty where it has none.
  Optional<Packing> packingFor(String schemeName);

  /// Whether a runner of this dialect applies online input transforms.
  default boolean runsInputTransforms() {
    return false;
  }

  /// The JSON files that tell a loader how the modules are stored: file name to content, always
  /// with `config.json` (the source's configuration with the dialect's keys added).
  Map<String, ObjectNode> describe(ModelConfig source, ModuleLayout layout);
}
