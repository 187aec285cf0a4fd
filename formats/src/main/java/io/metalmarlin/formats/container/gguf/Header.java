package io.metalmarlin.formats.container.gguf;

import io.metalmarlin.formats.tensor.TensorInfo;
import java.nio.ByteOrder;
import java.util.List;

/// What the checked header of one file says.
///
/// @param order byte order of everything in the file
/// @param alignment of the data and of every tensor, in bytes
/// @param metadata of this file
/// @param entries the tensors in file order, which is the order of their data
/// @param dataStart byte of the file where the data begins
/// @param hasData whether the data is there; a file that ends where it would begin is a header
///   alone
record Header(
    ByteOrder order,
    long alignment,
    GgufMetadata metadata,
    List<Entry> entries,
    long dataStart,
    boolean hasData) {
  Header {
    entries = List.copyOf(entries);
  }

  /// One tensor.
  ///
  /// @param begin first byte of its data, counted from the file's data start
  record Entry(TensorInfo info, long begin) {}
}
