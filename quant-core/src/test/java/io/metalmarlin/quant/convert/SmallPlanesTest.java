package io.metalmarlin.quant.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.safetensors.Safetensors;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.model.StoredPlane;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Packings;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.gptq.GptqPacking;
import io.metalmarlin.formats.scheme.integer.PackQuantized;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a file begins with is settled before a module was repacked, so that its digest can begin.
class SmallPlanesTest {
  private static final int ROWS = 64;
  private static final int COLS = 128;

  @TempDir Path folder;

  private record Written(long header, long settled, Checkpoint output) {}

  private Written write(Packing from, Packing to) throws IOException {
    Path in = Files.createDirectories(folder.resolve("in"));
    Path out = Files.createDirectories(folder.resolve("out"));
    List<TensorInfo> planes = from.planes(ROWS, COLS).stream().map(p -> p.tensor("m")).toList();
    Safetensors.INSTANCE.create(in, planes, Map.of(), 1 << 20).close();
    PackedModule module =
        new PackedModule(
            "m",
            from,
            ROWS,
            COLS,
            planes.stream().map(t -> StoredPlane.whole(t.name())).toList(),
            Optional.empty());
    ConvertStep.Repack step = new ConvertStep.Repack(module, to, 1);
    try (Checkpoint source = Safetensors.INSTANCE.open(in);
        CheckpointWriter writer =
            Safetensors.INSTANCE.create(out, step.outputs(), Map.of(), 1 << 20)) {
      Path file = writer.files().getFirst();
      long header = writer.settled(file);
      SmallPlanes small = new SmallPlanes(source, writer);
      small.write(step);
      List<TensorInfo> early = new ArrayList<>(step.outputs());
      early.removeIf(t -> !small.wrote(t));
      assertThat(early).hasSize(1);
      return new Written(header, writer.settled(file), Safetensors.INSTANCE.open(out));
    }
  }

  @Test
  void the_size_of_a_matrix() throws IOException {
    IntScheme scheme = new IntScheme(4, 128, ScaleType.F16, Zero.NONE);
    Written w =
        write(
            new GptqPacking(scheme, GptqPacking.Version.V1, GptqPacking.Index.NONE),
            new PackQuantized(scheme));
    try (Checkpoint output = w.output()) {
      assertThat(w.settled()).isEqualTo(w.header() + 16);
      assertThat(output.bytes("m.weight_shape").toArray(ValueLayout.JAVA_LONG_UNALIGNED))
          .containsExactly(ROWS, COLS);
    }
  }

  @Test
  void a_tensor_scale() throws IOException {
    Packing mlx = named("mlx-nvfp4");
    assertThat(mlx.scheme()).isEqualTo(Nvfp4Scheme.SINGLE_LEVEL);
    Written w = write(mlx, named("nvfp4-pack-quantized"));
    try (Checkpoint output = w.output()) {
      assertThat(w.settled()).isEqualTo(w.header() + 4);
      assertThat(output.bytes("m.weight_global_scale").toArray(ValueLayout.JAVA_FLOAT_UNALIGNED))
          .containsExactly(1f);
    }
  }

  private static Packing named(String name) {
    return Packings.ALL.stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
  }
}
