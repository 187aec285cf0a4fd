package io.metalmarlin.formats.container.safetensors;

import io.metalmarlin.formats.container.FilePlan;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// One file to be written.
///
/// @param dataSize bytes of its tensors
record ShardLayout(FilePlan file, long dataSize) {
  /// The reference's order: dtype descending, then name ascending by bytes.
  private static final Comparator<TensorInfo> FILE_ORDER =
      Comparator.comparing(TensorInfo::dtype)
          .reversed()
          .thenComparing(t -> t.name().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

  /// Splits the tensors, in the order given, into shards of at most `maxShardBytes` of data each
  /// (as huggingface_hub does: a larger tensor has a shard of its own).
  static List<ShardLayout> plan(
      List<TensorInfo> tensors, Map<String, String> metadata, long maxShardBytes) {
    List<List<TensorInfo>> shards = new ArrayList<>();
    List<TensorInfo> current = new ArrayList<>();
    long size = 0;
    for (TensorInfo t : tensors) {
      if (!current.isEmpty() && size + t.byteSize() > maxShardBytes) {
        shards.add(current);
        current = new ArrayList<>();
        size = 0;
      }
      current.add(t);
      size += t.byteSize();
    }
    shards.add(current);
    List<ShardLayout> out = new ArrayList<>();
    for (int i = 0; i < shards.size(); i++) {
      String name =
          shards.size() == 1
              ? Safetensors.SINGLE_FILE
              : String.format("model-%05d-of-%05d.safetensors", i + 1, shards.size());
      out.add(of(name, shards.get(i), metadata));
    }
    return out;
  }

  private static ShardLayout of(
      String fileName, List<TensorInfo> tensors, Map<String, String> metadata) {
    List<TensorInfo> ordered = tensors.stream().sorted(FILE_ORDER).toList();
    byte[] header = HeaderWriter.bytes(ordered, metadata);
    if (header.length > HeaderReader.MAX_HEADER) {
      throw new IllegalArgumentException(
          fileName + ": a header of " + header.length + " bytes cannot be read back");
    }
    byte[] prefix =
        ByteBuffer.allocate(8 + header.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .put(header)
            .array();
    Map<String, Long> begin = new HashMap<>();
    long at = prefix.length;
    for (TensorInfo t : ordered) {
      if (begin.put(t.name(), at) != null) {
        throw new IllegalArgumentException("tensor \"" + t.name() + "\" is listed twice");
      }
      at += t.byteSize();
    }
    return new ShardLayout(
        new FilePlan(fileName, prefix, Map.copyOf(begin), at), at - prefix.length);
  }
}
