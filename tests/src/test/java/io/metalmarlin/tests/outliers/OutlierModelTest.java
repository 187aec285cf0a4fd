package io.metalmarlin.tests.outliers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Folders;
import io.metalmarlin.tests.support.Logits;
import io.metalmarlin.tests.support.RawCheckpoint;
import io.metalmarlin.tests.support.RawCheckpoint.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutlierModelTest {
  @TempDir Path work;

  @ParameterizedTest
  @ValueSource(strings = {"qwen3", "qwen3_moe", "deepseek_v2", "deepseek_v2-lite", "diffllama"})
  void the_function_stays_and_channels_become_uneven(String model) throws IOException {
    check(Shared.path("models", "tiny", model));
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"qwen3-7m", "qwen3moe-22m", "deepseekv2-10m", "diffllama-7m"})
  void so_it_is_with_trained_models(String model) throws IOException {
    check(Shared.path("models", model));
  }

  /// Powers of two change no digit anywhere, so the logits are equal and not only close.
  private void check(Path source) throws IOException {
    Path out = work.resolve("outliers");
    OutlierModel.write(source, out, OutlierProfile.of(3));

    assertThat(Logits.of(out, work)).containsExactly(Logits.of(source, work));
    RawCheckpoint before = RawCheckpoint.of(source);
    RawCheckpoint after = RawCheckpoint.of(out);
    List<String> changed =
        before.tensors().keySet().stream()
            .filter(
                n -> !Arrays.equals(before.tensors().get(n).data(), after.tensors().get(n).data()))
            .toList();
    assertThat(changed).isNotEmpty().allMatch(n -> n.startsWith("model.layers."));
    for (String norm : changed.stream().filter(n -> n.endsWith("layernorm.weight")).toList()) {
      assertThat(unevenness(after.tensors().get(norm).floats()))
          .as("%s: largest channel over the median", norm)
          .isGreaterThan(4)
          .isGreaterThan(3 * unevenness(before.tensors().get(norm).floats()));
    }
    for (String down : changed.stream().filter(n -> n.endsWith("down_proj.weight")).toList()) {
      assertThat(unevenness(smallness(after.tensors().get(down))))
          .as("%s: median column over the smallest", down)
          .isGreaterThan(4);
    }
  }

  @Test
  void the_same_seed_gives_the_same_bytes() throws IOException {
    Path source = Shared.path("models", "tiny", "qwen3");
    for (int i = 0; i < 3; i++) {
      OutlierModel.write(source, work.resolve("out" + i), OutlierProfile.of(i / 2));
    }
    assertThat(Folders.modelHashes(work.resolve("out1")))
        .isEqualTo(Folders.modelHashes(work.resolve("out0")))
        .isNotEqualTo(Folders.modelHashes(work.resolve("out2")));
  }

  @Test
  void a_model_whose_readers_are_not_known_is_refused() {
    Path source = Shared.path("models", "tiny", "gpt_neox");
    assertThatThrownBy(() -> OutlierModel.write(source, work.resolve("x"), OutlierProfile.of(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("knows no layers");
  }

  /// The reciprocal norms of the columns.
  private static float[] smallness(Tensor t) {
    int cols = Math.toIntExact(t.shape().get(1));
    double[] squares = new double[cols];
    float[] values = t.floats();
    for (int i = 0; i < values.length; i++) {
      squares[i % cols] += (double) values[i] * values[i];
    }
    float[] small = new float[cols];
    for (int c = 0; c < cols; c++) {
      small[c] = (float) (1 / Math.sqrt(squares[c]));
    }
    return small;
  }

  private static float unevenness(float[] channels) {
    float[] sorted = channels.clone();
    for (int i = 0; i < sorted.length; i++) {
      sorted[i] = Math.abs(sorted[i]);
    }
    Arrays.sort(sorted);
    return sorted[sorted.length - 1] / sorted[sorted.length / 2];
  }
}
