package io.metalmarlin.formats.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.container.safetensors.Safetensors;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Blocks of gpt-oss against a decoder written from the published layout: low nibble first, a power
/// of two for each 32 columns, exponent bias 127.
class GptOssDialectTest {
  private static final String M = "model.layers.0.mlp.experts.gate_up_proj";
  private static final int EXPERTS = 3;
  private static final int ROWS = 4;
  private static final int BLOCKS = 2;
  private static final float[] E2M1 = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6};

  @TempDir Path folder;

  @Test
  void every_expert_decodes_as_the_layout_says() throws IOException {
    byte[] blocks = new byte[EXPERTS * ROWS * BLOCKS * 16];
    byte[] scales = new byte[EXPERTS * ROWS * BLOCKS];
    Random random = new Random(7);
    random.nextBytes(blocks);
    for (int i = 0; i < scales.length; i++) {
      scales[i] = (byte) (100 + random.nextInt(50));
    }
    write(blocks, scales);
    try (Checkpoint c = Containers.open(folder)) {
      ModelConfig config = ModelConfigs.read(folder);
      assertThat(Dialects.of(config, c)).isInstanceOf(GptOssDialect.class);
      var modules = new GptOssDialect().modules(config, c);
      assertThat(modules).hasSize(EXPERTS);
      for (int e = 0; e < EXPERTS; e++) {
        PackedModule m = modules.get("model.layers.0.mlp.experts." + e + ".gate_up_proj");
        float[] out = new float[ROWS * BLOCKS * 32];
        m.matrix(c).decode(0, ROWS, out);
        assertThat(out).containsExactly(naive(blocks, scales, e));
      }
    }
  }

  private static float[] naive(byte[] blocks, byte[] scales, int expert) {
    float[] out = new float[ROWS * BLOCKS * 32];
    int at = 0;
    for (int row = 0; row < ROWS; row++) {
      for (int block = 0; block < BLOCKS; block++) {
        int b = (expert * ROWS + row) * BLOCKS + block;
        double scale = Math.pow(2, (scales[b] & 0xff) - 127);
        for (int i = 0; i < 16; i++) {
          int two = blocks[16 * b + i] & 0xff;
          out[at++] = value(two & 15, scale);
          out[at++] = value(two >> 4, scale);
        }
      }
    }
    return out;
  }

  private static float value(int code, double scale) {
    float magnitude = (float) (E2M1[code & 7] * scale);
    return code > 7 ? -magnitude : magnitude;
  }

  private void write(byte[] blocks, byte[] scales) throws IOException {
    Files.writeString(
        folder.resolve("config.json"),
        "{\"model_type\":\"gpt_oss\",\"quantization_config\":{\"quant_method\":\"mxfp4\"}}");
    List<TensorInfo> all =
        List.of(
            TensorInfo.of(M + "_blocks", DType.U8, EXPERTS, ROWS, BLOCKS, 16),
            TensorInfo.of(M + "_scales", DType.U8, EXPERTS, ROWS, BLOCKS));
    try (CheckpointWriter w =
        Safetensors.INSTANCE.create(folder, all, Map.of("format", "pt"), 1L << 30)) {
      w.write(all.get(0).name(), 0, MemorySegment.ofArray(blocks));
      w.write(all.get(1).name(), 0, MemorySegment.ofArray(scales));
      w.commit();
    }
  }
}
