package io.metalmarlin.quant.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.safetensors.Safetensors;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepOrderTest {
  @TempDir Path folder;

  private final List<ConvertStep> moves =
      List.of(keep("layers.2", DType.F16), keep("layers.10", DType.F16), keep("z", DType.I64));

  private static ConvertStep keep(String name, DType type) {
    return new ConvertStep.Keep(new TensorInfo(name, type, List.of(4L)));
  }

  private List<String> order(List<ConvertStep> steps) {
    List<TensorInfo> tensors = steps.stream().flatMap(s -> s.outputs().stream()).toList();
    try (CheckpointWriter writer =
        Safetensors.INSTANCE.create(folder, tensors, Map.of(), 1 << 20)) {
      return StepOrder.of(steps, writer).stream().map(ConvertStep::name).toList();
    }
  }

  /// Wide types first, then names as bytes: a digest of the file would wait for the last step.
  @Test
  void of_moves_is_that_of_the_file() {
    assertThat(order(moves)).containsExactly("z", "layers.10", "layers.2");
  }

  @Test
  void of_rounding_is_that_of_the_plan() {
    List<ConvertStep> steps = new ArrayList<>(moves);
    steps.add(new ConvertStep.Cast(new TensorInfo("layers.1", DType.F32, List.of(4L)), DType.F16));
    assertThat(order(steps)).containsExactly("layers.2", "layers.10", "z", "layers.1");
  }

  @Test
  void of_reports_is_that_of_the_plan() {
    List<TensorReport> reports = new ArrayList<>();
    for (int i : List.of(2, 0, 1)) {
      reports.add(TensorReport.exact(moves.get(i), "keep", 0));
    }
    StepOrder.restore(moves, reports);
    assertThat(reports)
        .extracting(TensorReport::name)
        .containsExactly("layers.2", "layers.10", "z");
  }
}
