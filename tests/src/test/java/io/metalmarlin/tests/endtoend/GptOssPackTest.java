package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.safetensors.Safetensors;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Logits;
import io.metalmarlin.tests.support.RawCheckpoint;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A checkpoint of gpt-oss as it is published, its experts MXFP4, runs like a dense one with the
/// values that its blocks stand for.
class GptOssPackTest {
  private static final int EXPERTS = 4;
  private static final int HIDDEN = 64;
  private static final int INNER = 32;
  private static final float[] E2M1 = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6};

  @TempDir Path work;

  private final Random random = new Random(11);
  private final Map<String, TensorInfo> infos = new TreeMap<>();
  private final Map<String, MemorySegment> bytes = new TreeMap<>();
  private final Map<String, float[]> dense = new TreeMap<>();

  @Test
  void published_experts_run_like_dense_ones() throws IOException {
    Path source = Shared.path("models/tiny/gpt_oss");
    RawCheckpoint.of(source)
        .tensors()
        .forEach((name, t) -> {
          if (name.endsWith("gate_up_proj")) {
            blocks(name, 2 * INNER, HIDDEN);
          } else if (name.endsWith("down_proj")) {
            blocks(name, HIDDEN, INNER);
          } else if (name.endsWith("gate_up_proj_bias")) {
            put(TensorInfo.of(name, DType.F32, EXPERTS, 2 * INNER), floats(EXPERTS * 2 * INNER));
          } else {
            put(
                new TensorInfo(name, DType.valueOf(t.dtype()), t.shape()),
                MemorySegment.ofArray(t.data()));
          }
        });
    String config =
        Files.readString(source.resolve("config.json"))
            .replaceFirst("\"intermediate_size\": \\d+", "\"intermediate_size\": " + INNER);
    Path pack = work.resolve("pack");
    write(
        pack,
        config.replaceFirst("\\{", "{\"quantization_config\": {\"quant_method\": \"mxfp4\"},"));
    dense.forEach((name, values) -> {
      infos.remove(name + "_blocks");
      infos.remove(name + "_scales");
      boolean up = name.endsWith("gate_up_proj");
      long in = up ? HIDDEN : INNER;
      put(
          TensorInfo.of(name, DType.F32, EXPERTS, in, up ? 2 * INNER : HIDDEN),
          MemorySegment.ofArray(values));
    });
    Path plain = work.resolve("plain");
    write(plain, config);
    assertThat(Logits.difference(Logits.of(pack, work), Logits.of(plain, work))).isLessThan(1e-4f);
  }

  /// Random blocks, and what they stand for as `[E, in, out]`.
  private void blocks(String name, int out, int in) {
    int groups = in / 32;
    byte[] codes = new byte[EXPERTS * out * groups * 16];
    byte[] scales = new byte[EXPERTS * out * groups];
    random.nextBytes(codes);
    float[] values = new float[EXPERTS * out * in];
    for (int g = 0; g < scales.length; g++) {
      scales[g] = (byte) (122 + random.nextInt(4));
      int row = g / groups;
      for (int i = 0; i < 32; i++) {
        int code = codes[g * 16 + i / 2] >> 4 * (i % 2) & 0xf;
        float value = E2M1[code & 7] * (code > 7 ? -1 : 1) * Math.scalb(1f, scales[g] - 127);
        int column = g % groups * 32 + i;
        values[(row / out * in + column) * out + row % out] = value;
      }
    }
    put(
        TensorInfo.of(name + "_blocks", DType.U8, EXPERTS, out, groups, 16),
        MemorySegment.ofArray(codes));
    put(
        TensorInfo.of(name + "_scales", DType.U8, EXPERTS, out, groups),
        MemorySegment.ofArray(scales));
    dense.put(name, values);
  }

  private MemorySegment floats(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return MemorySegment.ofArray(values);
  }

  private void put(TensorInfo info, MemorySegment content) {
    infos.put(info.name(), info);
    bytes.put(info.name(), content);
  }

  private void write(Path folder, String config) throws IOException {
    Files.createDirectories(folder);
    List<TensorInfo> all = new ArrayList<>(infos.values());
    try (CheckpointWriter writer =
        Safetensors.INSTANCE.create(folder, all, Map.of("format", "pt"), Long.MAX_VALUE)) {
      all.forEach(t -> writer.write(t.name(), 0, bytes.get(t.name())));
      writer.commit();
    }
    Files.writeString(folder.resolve("config.json"), config);
  }
}
