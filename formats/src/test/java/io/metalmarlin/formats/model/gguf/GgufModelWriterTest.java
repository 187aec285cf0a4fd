package io.metalmarlin.formats.model.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.container.gguf.Gguf;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.ModelConfigs;
import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.formats.testing.Shared;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is written under Hugging Face names into a GGUF file is read back under them.
class GgufModelWriterTest {
  @TempDir Path folder;

  private CheckpointWriter create(ModelConfig config, List<TensorInfo> tensors) {
    GgufOutput output = GgufOutput.of(config, tensors);
    return new GgufModelWriter(
        Gguf.INSTANCE.create(
            folder.resolve("model.gguf"),
            output.tensors(),
            GgufKeys.of(config, "test", GgufFileType.of(output.tensors())),
            Long.MAX_VALUE),
        output);
  }

  private static float[] floats(Checkpoint c, String name) {
    TensorInfo t = c.tensors().get(name);
    float[] out = new float[(int) t.elements()];
    Floats.widen(t.dtype(), c.bytes(name), 0, out, 0, out.length);
    return out;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "models/tiny/llama",
        "models/tiny/qwen2",
        "models/tiny/qwen3",
        "models/qwen3moe-22m",
        "models/tiny/deepseek_v3"
      })
  void dense_tensors_come_back_in_their_own_type_or_wider(String model) {
    ModelConfig config = ModelConfigs.read(Shared.path(model));
    try (Checkpoint source = Containers.open(Shared.path(model))) {
      List<TensorInfo> tensors = List.copyOf(source.tensors().values());
      try (CheckpointWriter w = create(config, tensors)) {
        for (TensorInfo t : tensors) {
          MemorySegment bytes = source.bytes(t.name());
          boolean halves = t.shape().getFirst() % 2 == 0 && !t.name().contains("kv_b_proj");
          long half = halves ? bytes.byteSize() / 2 : bytes.byteSize();
          for (long at = 0; at < bytes.byteSize(); at += half) {
            w.write(t.name(), at, bytes.asSlice(at, half));
          }
        }
        w.commit();
      }
      try (GgufModel back = GgufModel.open(folder)) {
        TreeSet<String> expected = new TreeSet<>(source.tensors().keySet());
        expected.removeAll(GgufLayout.of(config, tensors).leftOut());
        assertThat(new TreeSet<>(back.view().tensors().keySet())).isEqualTo(expected);
        for (String name : expected) {
          assertThat(floats(back.view(), name)).as(name).isEqualTo(floats(source, name));
        }
      }
    }
  }

  @Test
  void packed_rows_of_queries_and_keys_are_reordered_and_scales_stand_beside_their_tensor() {
    ModelConfig config = ModelConfigs.read(Shared.path("models/tiny/llama"));
    SplittableRandom random = new SplittableRandom(3);
    List<TensorInfo> tensors = new ArrayList<>();
    Map<String, byte[]> data = new LinkedHashMap<>();
    try (Checkpoint source = Containers.open(Shared.path("models/tiny/llama"))) {
      for (TensorInfo t : source.tensors().values()) {
        boolean packed = t.name().contains("self_attn") && t.shape().getLast() % 64 == 0;
        TensorInfo written = packed ? new TensorInfo(t.name(), DType.NVFP4, t.shape()) : t;
        tensors.add(written);
        if (packed) {
          byte[] blocks = new byte[(int) written.byteSize()];
          random.nextBytes(blocks);
          data.put(t.name(), blocks);
          String scale = t.name() + "_scale_2";
          tensors.add(TensorInfo.of(scale, DType.F32));
          data.put(scale, new byte[] {0, 0, (byte) random.nextInt(128), 0x3f});
        } else {
          data.put(t.name(), source.bytes(t.name()).toArray(ValueLayout.JAVA_BYTE));
        }
      }
    }
    assertThat(data.keySet()).anyMatch(n -> n.endsWith("q_proj.weight_scale_2"));
    try (CheckpointWriter w = create(config, tensors)) {
      data.forEach((name, bytes) -> w.write(name, 0, MemorySegment.ofArray(bytes)));
      w.commit();
    }
    try (GgufModel back = GgufModel.open(folder)) {
      for (TensorInfo t : tensors) {
        if (t.dtype() == DType.NVFP4 || t.name().endsWith("scale_2")) {
          assertThat(back.view().bytes(t.name()).toArray(ValueLayout.JAVA_BYTE))
              .as(t.name())
              .isEqualTo(data.get(t.name()));
        }
      }
    }
  }
}
