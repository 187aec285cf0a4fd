package io.metalmarlin.formats.container.safetensors;

import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.List;
import java.util.Map;

/// What the checked header of one file says.
///
/// @param dataStart byte of the file at which offset 0 lies (8 + header length)
/// @param entries the tensors in the order of their data, without holes or overlaps
/// @param metadata `__metadata__`, empty when absent or null
record Header(long dataStart, List<Entry> entries, Map<String, String> metadata) {
  Header {
    entries = List.copyOf(entries);
    metadata = Map.copyOf(metadata);
  }

  /// One tensor and its region, `[begin, end)` counted from `dataStart`.
  record Entry(TensorInfo info, long begin, long end) {}
}
