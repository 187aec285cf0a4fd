package io.metalmarlin.formats.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.scheme.AbsmaxQuantizer;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.formats.testing.Shared;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// Packs that mlx-lm made on the CPU: their decoder's values, and their encoder's bytes.
class MlxPackTest {
  static final List<String> PACKS =
      List.of(
          "affine-3bit-g64",
          "affine-4bit-g64",
          "affine-5bit-g128",
          "affine-6bit-g64",
          "affine-8bit-g64",
          "mixed_4_6",
          "mxfp4",
          "mxfp8",
          "nvfp4");

  private static final Pattern KEY = Pattern.compile("(.+)\\.weight\\[(\\d+):(\\d+)]");

  private static Map<String, PackedModule> modules(Path folder, Checkpoint checkpoint) {
    ModelConfig config = ModelConfigs.read(folder);
    return Dialects.of(config, checkpoint).modules(config, checkpoint);
  }

  @ParameterizedTest
  @FieldSource("PACKS")
  void decodes_to_the_peers_values(String pack) {
    Path folder = Shared.path("packs", "mlx", pack);
    try (Checkpoint theirs = Containers.open(folder);
        Checkpoint expected = Containers.open(folder.resolve("expected.safetensors"))) {
      Map<String, PackedModule> modules = modules(folder, theirs);
      assertThat(expected.tensors()).hasSize(3);
      for (String key : expected.tensors().keySet()) {
        Matcher k = KEY.matcher(key);
        assertThat(k.matches()).as(key).isTrue();
        PackedModule module = modules.get(k.group(1));
        int from = Integer.parseInt(k.group(2));
        int to = Integer.parseInt(k.group(3));
        float[] ours = new float[(to - from) * module.cols()];
        module.matrix(theirs).decode(from, to, ours);
        // + 0 because their decoder has no -0 in all modes; every other bit must agree.
        assertThat(plus0(ours)).as(key).isEqualTo(plus0(dense(expected, key)));
      }
    }
  }

  @ParameterizedTest
  @FieldSource("PACKS")
  void rounding_the_base_model_gives_the_peers_bytes(String pack) {
    Path folder = Shared.path("packs", "mlx", pack);
    try (Checkpoint theirs = Containers.open(folder);
        Checkpoint base = Containers.open(Shared.path("packs", "base", "qwen3-2l"))) {
      Map<String, PackedModule> modules = modules(folder, theirs);
      assertThat(modules).hasSize(15);
      for (PackedModule module : modules.values()) {
        QuantizedMatrix want = (QuantizedMatrix) module.matrix(theirs);
        QuantizedMatrix ours =
            AbsmaxQuantizer.quantize(
                (GroupPacking) module.packing(),
                dense(base, module.stem() + ".weight"),
                module.rows(),
                module.cols(),
                TensorScale.NONE,
                DType.BF16);
        assertThat(differences(ours.scales(), want.scales())).as(module.stem()).isZero();
        if (want.zeros() != null) {
          assertThat(differences(ours.zeros(), want.zeros())).as(module.stem()).isZero();
        }
        assertThat(differences(ours.codes(), want.codes())).as(module.stem()).isZero();
      }
    }
  }

  private static long differences(MemorySegment a, MemorySegment b) {
    assertThat(a.byteSize()).isEqualTo(b.byteSize());
    long count = 0;
    for (long i = 0; i < a.byteSize(); i++) {
      count +=
          a.get(java.lang.foreign.ValueLayout.JAVA_BYTE, i)
                  == b.get(java.lang.foreign.ValueLayout.JAVA_BYTE, i)
              ? 0
              : 1;
    }
    return count;
  }

  private static float[] plus0(float[] values) {
    float[] out = values.clone();
    for (int i = 0; i < out.length; i++) {
      out[i] += 0f;
    }
    return out;
  }

  private static float[] dense(Checkpoint c, String name) {
    TensorInfo info = c.tensors().get(name);
    float[] out = new float[(int) info.elements()];
    Floats.widen(info.dtype(), c.bytes(name), 0, out, 0, out.length);
    return out;
  }
}
