package io.metalmarlin.tests.endtoend;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// A checkpoint that somebody has pruned before.
final class PrunedCheckpoint {
  private PrunedCheckpoint() {}

  /// Zeroes two of every four columns of BF16 weights in place, by place and not by size, so that
  /// no rule of pruning would choose the same ones.
  static void prune(Path safetensors, List<String> modules) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.wrap(Files.readAllBytes(safetensors)).order(ByteOrder.LITTLE_ENDIAN);
    int header = Math.toIntExact(bytes.getLong(0));
    String text = new String(bytes.array(), 8, header, StandardCharsets.UTF_8);
    JsonNode tensors = new ObjectMapper().readTree(text);
    for (String module : modules) {
      JsonNode offsets = tensors.get(module + ".weight").get("data_offsets");
      int base = 8 + header + offsets.get(0).asInt();
      int weights = (offsets.get(1).asInt() - offsets.get(0).asInt()) / 2;
      for (int i = 0; i < weights; i += 4) {
        int first = i / 4 % 4;
        int second = (first + 1 + i / 16 % 3) % 4;
        bytes.putShort(base + 2 * (i + first), (short) 0);
        bytes.putShort(base + 2 * (i + second), (short) 0);
      }
    }
    Files.write(safetensors, bytes.array());
  }
}
