package io.metalmarlin.formats.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.mlx.MlxAffine;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.formats.testing.Shared;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The files of an MLX output: index, metadata and stacked experts.
class MlxWriterTest {
  private static final MlxDialect MLX = new MlxDialect();
  private static final String INDEX = "model.safetensors.index.json";

  @TempDir Path folder;

  private CheckpointWriter create(List<TensorInfo> tensors, long maxShardBytes) {
    ModelConfig config = ModelConfigs.read(folder);
    return MLX.create(folder, tensors, config, folder, maxShardBytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mixed_4_6", "nvfp4", "affine-5bit-g128"})
  void the_index_of_a_single_file_equals_the_peers(String pack) throws IOException {
    Path peer = Shared.path("packs", "mlx", pack);
    Files.copy(peer.resolve("config.json"), folder.resolve("config.json"));
    try (Checkpoint theirs = Containers.open(peer);
        CheckpointWriter writer = create(List.copyOf(theirs.tensors().values()), Long.MAX_VALUE)) {
      theirs.tensors().keySet().forEach(name -> writer.write(name, 0, theirs.bytes(name)));
      writer.commit();
    }
    assertThat(folder.resolve(INDEX)).hasSameTextualContentAs(peer.resolve(INDEX));
    try (Checkpoint ours = Containers.open(folder)) {
      assertThat(ours.metadata()).isEqualTo(Map.of("format", "mlx"));
    }
  }

  @Test
  void experts_are_stacked_and_read_back_one_by_one() throws IOException {
    MlxAffine packing = MlxAffine.of(4, 32, ScaleType.F16);
    TreeMap<String, StoredAs> packed = new TreeMap<>();
    List<TensorInfo> tensors = new ArrayList<>();
    Map<String, byte[]> content = new HashMap<>();
    for (int expert = 0; expert < 12; expert++) {
      String module = "model.layers.0.mlp.experts." + expert + ".up_proj";
      packed.put(module, new StoredAs("W4A16", packing, Activations.NONE));
      for (var plane : packing.planes(8, 64)) {
        TensorInfo t = plane.tensor(module);
        tensors.add(t);
        byte[] bytes = new byte[(int) t.byteSize()];
        Arrays.fill(bytes, (byte) (expert + 1));
        content.put(t.name(), bytes);
      }
    }
    tensors.add(TensorInfo.of("model.norm.weight", DType.BF16, 64));
    Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"qwen3_moe\"}");
    ModelConfig source = ModelConfigs.read(folder);
    ModuleLayout layout = new ModuleLayout(packed, new TreeSet<>());
    Files.writeString(
        folder.resolve("config.json"), MLX.describe(source, layout).get("config.json").toString());
    try (CheckpointWriter writer = create(tensors, 2000)) {
      content.forEach((name, bytes) -> {
        MemorySegment all = MemorySegment.ofArray(bytes);
        writer.write(name, 0, all.asSlice(0, 8));
        writer.write(name, 8, all.asSlice(8));
      });
      writer.commit();
    }
    ModelConfig written = ModelConfigs.read(folder);
    try (Checkpoint c = Containers.open(folder)) {
      String stacked = "model.layers.0.mlp.switch_mlp.up_proj";
      assertThat(c.tensors().keySet())
          .containsExactlyInAnyOrder(
              stacked + ".weight", stacked + ".scales", stacked + ".biases", "model.norm.weight");
      assertThat(c.files()).hasSizeGreaterThan(1);
      Map<String, PackedModule> modules = Dialects.of(written, c).modules(written, c);
      assertThat(modules.keySet()).containsExactlyInAnyOrderElementsOf(packed.keySet());
      modules.forEach((name, m) ->
          m.planes()
              .forEach(p -> {
                String suffix = p.tensor().substring(p.tensor().lastIndexOf('.'));
                MemorySegment want = MemorySegment.ofArray(content.get(name + suffix));
                assertThat(p.bytes(c).mismatch(want)).as(name + suffix).isEqualTo(-1);
              }));
    }
    var metadata = JsonFiles.readObject(folder.resolve(INDEX), 1 << 20).get("metadata");
    assertThat(metadata.get("total_parameters").longValue()).isEqualTo(12 * 8 * 64 + 64);
    long bytes = tensors.stream().mapToLong(TensorInfo::byteSize).sum();
    assertThat(metadata.get("total_size").longValue()).isEqualTo(bytes);
  }
}
