package io.metalmarlin.formats.container;

import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/// Read-only view of the tensors of one checkpoint (one file, or shards with an index).
///
/// Opening reads and checks every header; no tensor data is touched before [#bytes].
public interface Checkpoint extends AutoCloseable {
  /// All tensors in file order.
  SequencedMap<String, TensorInfo> tensors();

  /// The tensor's data, mapped read-only, little-endian as stored, valid until [#close]. It may
  /// begin at any address: read it with unaligned layouts.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `TENSOR_MISSING` if there is no such tensor
  MemorySegment bytes(String name);

  /// The file that holds the tensor, for messages.
  Path file(String name);

  /// The files that make up the checkpoint, in name order.
  List<Path> files();

  /// The container's own key-value metadata (safetensors `__metadata__`).
  Map<String, String> metadata();

  /// Size and digest of one of [#files], where they are known without reading it.
  default Optional<FileDigest> digest(Path file) {
    return Optional.empty();
  }

  /// Says which tensors will still be asked for: a checkpoint whose files come and go gives the
  /// others back. Nobody may still read from those.
  default void keepOnly(Set<String> needed) {}

  @Override
  void close();
}
