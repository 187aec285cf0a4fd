package io.metalmarlin.tests.support;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// The tensors of all `.safetensors` files of a folder, read in a few obvious lines that share
/// nothing with the product's reader.
///
/// @param tensors by name
public record RawCheckpoint(SequencedMap<String, Tensor> tensors) {
  /// @param shape outermost dimension first
  /// @param data as stored
  public record Tensor(String dtype, List<Long> shape, byte[] data) {
    /// Elements widened to fp32; of F32 and BF16 only.
    public float[] floats() {
      ByteBuffer b = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
      int width = dtype.equals("F32") ? 4 : 2;
      float[] all = new float[data.length / width];
      for (int i = 0; i < all.length; i++) {
        all[i] =
            width == 4
                ? b.getFloat(4 * i)
                : Float.intBitsToFloat((b.getShort(2 * i) & 0xffff) << 16);
      }
      return all;
    }
  }

  /// Reads every shard of the folder.
  public static RawCheckpoint of(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      TreeMap<String, Tensor> all = new TreeMap<>();
      for (Path f : files.filter(p -> isModel(p.getFileName().toString())).toList()) {
        all.putAll(file(f).tensors);
      }
      return new RawCheckpoint(all);
    }
  }

  /// Reads one file.
  public static RawCheckpoint file(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int header = Math.toIntExact(bytes.getLong());
    byte[] text = new byte[header];
    bytes.get(text);
    TreeMap<String, Tensor> all = new TreeMap<>();
    for (var e : new ObjectMapper().readTree(text).properties()) {
      if (!e.getKey().equals("__metadata__")) {
        all.put(e.getKey(), tensor(bytes, 8 + header, e.getValue()));
      }
    }
    return new RawCheckpoint(all);
  }

  private static boolean isModel(String name) {
    return name.startsWith("model") && name.endsWith(".safetensors");
  }

  private static Tensor tensor(ByteBuffer bytes, int base, JsonNode entry) {
    List<Long> shape = entry.get("shape").valueStream().map(JsonNode::asLong).toList();
    int begin = entry.get("data_offsets").get(0).asInt();
    int end = entry.get("data_offsets").get(1).asInt();
    byte[] data = new byte[end - begin];
    bytes.get(base + begin, data);
    return new Tensor(entry.get("dtype").asString(), shape, data);
  }
}
