package io.metalmarlin.formats.container;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/// A checkpoint being written: all [io.metalmarlin.formats.tensor.TensorInfo]s are known when it is
/// created, so headers and file sizes stand first and data arrives in any order.
///
/// Writes are positional, so a half-filled file is already a readable checkpoint and no output
/// shard is ever held in memory. Safe for use by several threads on disjoint ranges.
public interface CheckpointWriter extends AutoCloseable {
  /// Writes `bytes` at byte `offset` of the tensor's data.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `OUTPUT_UNWRITABLE` or `DISK_FULL`
  void write(String tensor, long offset, MemorySegment bytes);

  /// The files that hold the tensors' data.
  List<Path> files();

  /// Where a tensor's data begins, counted from the first byte of the first file on: data that is
  /// written in this order settles at once.
  long place(String tensor);

  /// How many bytes of a file, from its first on, this writer has written and will not write again:
  /// whoever follows it may read so far. What an earlier run wrote does not count.
  ///
  /// @param file one of [#files]
  /// @return -1 once a byte of it was written a second time, so that it must be read anew
  long settled(Path file);

  /// Forces everything written so far to the disk (fsync), so that a journal may record it. May run
  /// beside writes; those that have not returned are left to the next call.
  void sync();

  /// Forces data and folder entries to the disk; after it nothing more may be written.
  void commit();

  /// Releases the files; what was not committed stays as it is on disk.
  @Override
  void close();
}
