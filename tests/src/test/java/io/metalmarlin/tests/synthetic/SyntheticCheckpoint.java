package io.metalmarlin.tests.synthetic;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import tools.jackson.databind.ObjectMapper;

/// Writes a Hugging Face checkpoint of seeded random bfloat16 weights, tensor by tensor through one
/// small buffer, so that its size is limited by the disk alone.
///
/// Deliberately not written with the product's own writer: a mistake there must not hide itself
/// here.
public final class SyntheticCheckpoint {
  private static final int BUFFER = 1 << 20;
  private static final long GIB = 1L << 30;

  /// Standard deviation of matrices, about that of a trained model's.
  private static final float DEVIATION = 0.02f;

  private SyntheticCheckpoint() {}

  /// `SyntheticCheckpoint FOLDER GIB TOKENIZER_FOLDER`: a Llama checkpoint of at least so many GiB,
  /// its shards beyond 2 GiB.
  public static void main(String[] args) throws IOException {
    long bytes = (long) (Double.parseDouble(args[1]) * GIB);
    SyntheticShape shape = SyntheticShape.atLeast("llama", bytes, 8192);
    write(Path.of(args[0]), shape, 1, 5 * GIB / 2, Path.of(args[2]));
  }

  /// @param folder created; must be empty or absent
  /// @param maxShardBytes a shard is closed before it would exceed this
  /// @param tokenizerFrom folder whose `tokenizer*.json` are copied
  public static void write(
      Path folder, SyntheticShape shape, long seed, long maxShardBytes, Path tokenizerFrom)
      throws IOException {
    Files.createDirectories(folder);
    ObjectMapper json = new ObjectMapper();
    Files.writeString(folder.resolve("config.json"), json.writeValueAsString(shape.config()));
    for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
      Files.write(folder.resolve(name), Files.readAllBytes(tokenizerFrom.resolve(name)));
    }
    List<Map<String, long[]>> shards = shards(shape, maxShardBytes);
    Map<String, String> files = new LinkedHashMap<>();
    for (int i = 0; i < shards.size(); i++) {
      String file =
          shards.size() == 1
              ? "model.safetensors"
              : "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
      writeShard(folder.resolve(file), shards.get(i), seed);
      shards.get(i).keySet().forEach(t -> files.put(t, file));
    }
    if (shards.size() > 1) {
      Files.writeString(
          folder.resolve("model.safetensors.index.json"),
          json.writeValueAsString(
              Map.of("metadata", Map.of("total_size", shape.bytes()), "weight_map", files)));
    }
  }

  private static List<Map<String, long[]>> shards(SyntheticShape shape, long maxBytes) {
    List<Map<String, long[]>> shards = new ArrayList<>();
    long room = 0;
    for (var t : shape.tensors().entrySet()) {
      long bytes = SyntheticShape.bytes(t.getValue());
      if (shards.isEmpty() || bytes > room) {
        shards.add(new LinkedHashMap<>());
        room = maxBytes;
      }
      shards.getLast().put(t.getKey(), t.getValue());
      room -= bytes;
    }
    return shards;
  }

  private static void writeShard(Path file, Map<String, long[]> tensors, long seed)
      throws IOException {
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      byte[] header = header(tensors);
      ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      drain(out, length.putLong(header.length).flip());
      drain(out, ByteBuffer.wrap(header));
      ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
      for (var t : tensors.entrySet()) {
        writeTensor(out, buffer, t.getValue(), mix(seed) + t.getKey().hashCode());
      }
    }
  }

  private static byte[] header(Map<String, long[]> tensors) {
    StringBuilder h = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
    long at = 0;
    for (var t : tensors.entrySet()) {
      long end = at + SyntheticShape.bytes(t.getValue());
      h.append(
          ",\"%s\":{\"dtype\":\"BF16\",\"shape\":[%s],\"data_offsets\":[%d,%d]}"
              .formatted(
                  t.getKey(),
                  LongStream.of(t.getValue())
                      .mapToObj(Long::toString)
                      .collect(Collectors.joining(",")),
                  at,
                  end));
      at = end;
    }
    h.append('}').repeat(' ', Math.floorMod(-h.length(), 8));
    return h.toString().getBytes(StandardCharsets.UTF_8);
  }

  /// Norms (one dimension) lie around 1, matrices around 0; four weights per 64 random bits. All
  /// sizes here are multiples of four.
  private static void writeTensor(FileChannel out, ByteBuffer buffer, long[] shape, long key)
      throws IOException {
    float mean = shape.length == 1 ? 1 : 0;
    long quads = SyntheticShape.bytes(shape) / 8;
    for (long i = 0; i < quads; ) {
      buffer.clear();
      for (; i < quads && buffer.remaining() >= 8; i++) {
        buffer.putLong(fourWeights(mix(key + i * 0x9E3779B97F4A7C15L), mean));
      }
      drain(out, buffer.flip());
    }
  }

  private static long fourWeights(long random, float mean) {
    long packed = 0;
    for (int k = 0; k < 4; k++) {
      int bits = (int) (random >>> 16 * k) & 0xffff;
      // Four 4-bit digits: mean 30, variance 4 * (16^2 - 1) / 12, near enough to a Gaussian.
      int sum = (bits & 15) + (bits >> 4 & 15) + (bits >> 8 & 15) + (bits >> 12);
      // A fraction of one level, so that groups do not all share one absolute maximum.
      float x = (sum - 30 + (bits % 251) / 251f - 0.5f) / 9.22f;
      packed |= (Float.floatToRawIntBits(mean + DEVIATION * x) >>> 16 & 0xffffL) << 16 * k;
    }
    return packed;
  }

  /// The finaliser of SplitMix64.
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  private static void drain(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
