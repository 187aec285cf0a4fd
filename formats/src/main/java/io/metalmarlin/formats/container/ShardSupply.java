package io.metalmarlin.formats.container;

import java.nio.file.Path;

/// Shards of a checkpoint that come when they are asked for and go when they are no longer needed,
/// for disks smaller than the checkpoint.
public interface ShardSupply extends AutoCloseable {
  /// The model folder with the index and all documents; its shards may be missing.
  Path folder();

  /// Size and digest of a shard, known before it is there.
  ///
  /// @param shard its plain file name
  FileDigest digest(String shard);

  /// A file as long as the shard that holds at least its header.
  Path head(String shard);

  /// The shard, whole and checked; waits until it is there.
  Path fetch(String shard);

  /// Nothing will ask for the shard soon: its space may be given back.
  void release(String shard);

  @Override
  void close();
}
