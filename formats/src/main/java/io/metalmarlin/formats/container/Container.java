package io.metalmarlin.formats.container;

import io.metalmarlin.formats.tensor.TensorInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A file kind: recognises, opens and creates checkpoints.
public interface Container {
  /// Short name, for example `safetensors`.
  String name();

  /// Whether this path (a file or a model folder) looks like this kind; reads at most a few bytes.
  boolean accepts(Path path);

  /// Opens a file or a model folder for reading.
  Checkpoint open(Path path);

  /// Creates the files of a checkpoint in an existing folder: shards no larger than `maxShardBytes`
  /// (a larger tensor gets a shard of its own) and an index where there is more than one shard.
  /// Opening again over files of the same layout keeps what was already written (resume).
  CheckpointWriter create(
      Path folder, List<TensorInfo> tensors, Map<String, String> metadata, long maxShardBytes);
}
