package io.metalmarlin.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.cli.out.Warning;
import io.metalmarlin.cli.view.InspectionView;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.formats.testing.Shared;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What an inspection touches.
class InspectorTest {
  /// The two numbers of a matrix's shape, which compressed-tensors stores as a tensor.
  private static final long SHAPE_BYTES = 16;

  @ParameterizedTest
  @CsvSource({
    "ct/NVFP4",
    "ct/W4A16_ASYM",
    "ct/FP8_BLOCK",
    "ct/INT8",
    "modelopt/INT4_AWQ",
    "modelopt/FP8",
    "mlx/mixed_4_6",
    "autoround/gptq-w4g128",
    "autoround/awq-w4g128",
    "base/qwen3-2l"
  })
  void no_tensor_is_read_but_stored_shapes(String pack) {
    Path path = Shared.path("packs", pack);
    List<Warning> warnings = new ArrayList<>();
    try (Guarded checkpoint = new Guarded(Containers.open(path))) {
      var seen = new Inspector(path, "safetensors", warnings::add).inspect(checkpoint);
      assertThat(InspectionView.json(seen).path("tensors")).hasSize(checkpoint.tensors().size());
      assertThat(InspectionView.text(seen)).contains("bits per weight");
      assertThat(checkpoint.read).allMatch(name -> name.endsWith(".weight_shape"));
    }
    assertThat(warnings).isEmpty();
  }

  /// Refuses to hand out weights.
  private static final class Guarded implements Checkpoint {
    private final Checkpoint whole;
    private final List<String> read = new ArrayList<>();

    Guarded(Checkpoint whole) {
      this.whole = whole;
    }

    @Override
    public MemorySegment bytes(String name) {
      if (tensors().get(name).byteSize() > SHAPE_BYTES) {
        throw new AssertionError(name + " was read");
      }
      read.add(name);
      return whole.bytes(name);
    }

    @Override
    public SequencedMap<String, TensorInfo> tensors() {
      return whole.tensors();
    }

    @Override
    public Path file(String name) {
      return whole.file(name);
    }

    @Override
    public List<Path> files() {
      return whole.files();
    }

    @Override
    public Map<String, String> metadata() {
      return whole.metadata();
    }

    @Override
    public void close() {
      whole.close();
    }
  }
}
