package io.metalmarlin.formats.scheme.mlx;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.model.MlxDialect;
import io.metalmarlin.formats.model.ModelConfigs;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.testing.Shared;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// When a pack is suspected to be one of the Metal encoder that mixed two groups.
class MlxScaleBugTest {
  private static QuantizedMatrix matrix(int rows, byte[] scales) {
    int cols = scales.length / rows * 16;
    return new QuantizedMatrix(
        Nvfp4Scheme.SINGLE_LEVEL,
        rows,
        cols,
        MemorySegment.ofArray(new byte[rows * cols / 2]),
        MemorySegment.ofArray(scales),
        TensorScale.NONE);
  }

  /// Random codes, each twice.
  private static byte[] doubled(int groups, int from, int to) {
    SplittableRandom random = new SplittableRandom(4);
    byte[] scales = new byte[groups];
    for (int i = 0; i < groups; i++) {
      scales[i] = i % 2 == 1 ? scales[i - 1] : (byte) random.nextInt(from, to);
    }
    return scales;
  }

  @Test
  void no_module_of_a_sound_pack_is_suspected() {
    Path pack = Shared.path("packs", "mlx", "nvfp4");
    try (Checkpoint c = Containers.open(pack)) {
      new MlxDialect()
          .modules(ModelConfigs.read(pack), c)
          .values()
          .forEach(m ->
              assertThat(MlxScaleBug.suspected((QuantizedMatrix) m.matrix(c)))
                  .as(m.stem())
                  .isFalse());
    }
  }

  /// What the faulty encoder makes of the sound pack: the larger scale for both groups.
  @Test
  void every_module_is_suspected_once_two_groups_share_a_scale() {
    Path pack = Shared.path("packs", "mlx", "nvfp4");
    try (Checkpoint c = Containers.open(pack)) {
      new MlxDialect()
          .modules(ModelConfigs.read(pack), c)
          .values()
          .forEach(m -> {
            QuantizedMatrix sound = (QuantizedMatrix) m.matrix(c);
            byte[] scales = sound.scales().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
            for (int i = 0; i < scales.length; i += 2) {
              scales[i] = scales[i + 1] = (byte) Math.max(scales[i], scales[i + 1]);
            }
            assertThat(MlxScaleBug.suspected(matrix(m.rows(), scales))).as(m.stem()).isTrue();
          });
    }
  }

  @Test
  void one_pair_that_differs_clears_a_matrix() {
    byte[] scales = doubled(512, 1, 60);
    assertThat(MlxScaleBug.suspected(matrix(8, scales))).isTrue();
    scales[301]++;
    assertThat(MlxScaleBug.suspected(matrix(8, scales))).isFalse();
  }

  @Test
  void few_groups_or_equal_scales_tell_nothing() {
    assertThat(MlxScaleBug.suspected(matrix(1, doubled(4, 1, 60)))).isFalse();
    byte[] equal = new byte[512];
    Arrays.fill(equal, (byte) 3);
    assertThat(MlxScaleBug.suspected(matrix(8, equal))).isFalse();
    // Two codes only: half of the other pairs are equal by chance, 256 pairs are not.
    assertThat(MlxScaleBug.suspected(matrix(8, doubled(512, 1, 3)))).isTrue();
    assertThat(MlxScaleBug.suspected(matrix(1, doubled(20, 1, 3)))).isFalse();
  }

  @Test
  void pairs_run_on_through_rows_of_an_odd_number_of_groups() {
    assertThat(MlxScaleBug.suspected(matrix(8, doubled(8 * 63, 1, 60)))).isTrue();
  }

  @Test
  void other_grids_are_not_asked() {
    QuantizedMatrix m = matrix(8, doubled(512, 1, 60));
    QuantizedMatrix twoLevels =
        new QuantizedMatrix(
            Nvfp4Scheme.INSTANCE,
            m.rows(),
            m.cols(),
            m.codes(),
            m.scales(),
            new TensorScale(TensorScale.Kind.DIVISOR, 1f));
    assertThat(MlxScaleBug.suspected(twoLevels)).isFalse();
  }
}
