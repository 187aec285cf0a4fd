package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.testing.Shared;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.List;

/// What ggml itself wrote: three matrices, their importance, and for every type the blocks and the
/// values ggml decodes from them.
final class Golden {
  static final int ROWS = 16;

  private Golden() {}

  /// The matrices: weights of a real model, rows of corner cases, normal deviates.
  static List<String> sets() {
    return List.of("real", "edge", "gauss");
  }

  static int cols(String set) {
    return switch (set) {
      case "real" -> 1536;
      case "edge" -> 512;
      default -> 1024;
    };
  }

  static boolean has(String name) {
    return Shared.has("golden", "ggml", name);
  }

  static byte[] bytes(String name) {
    try {
      return Files.readAllBytes(Shared.path("golden", "ggml", name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static float[] floats(String name) {
    byte[] bytes = bytes(name);
    float[] out = new float[bytes.length / 4];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(out);
    return out;
  }
}
