package io.metalmarlin.quant.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.quant.calibrate.CalibrationSet;
import io.metalmarlin.quant.calibrate.CollectedInput;
import io.metalmarlin.quant.calibrate.HeldOut;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.cpu.CpuBackend;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.decode.Place;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tokens that stop at every place of a block arrive behind it where tokens that run through it do:
/// in order, in parallel, with norms behind the branches and with fused projections.
class BlockCalibratorTest {
  @TempDir Path work;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama",
        "cohere2",
        "gemma2",
        "phi3",
        "glm4",
        "starcoder2",
        "phi",
        "gpt_neox",
        "gpt2",
        "opt",
        "bloom",
        "falcon"
      })
  void stopping_at_every_place_changes_nothing(String family) throws Exception {
    double[] stopped;
    double[] straight;
    try (Model model = Models.open(Shared.path("models", "tiny", family));
        Backend backend = new CpuBackend(1);
        Workers workers = new Workers(1);
        Decoder decoder = new Decoder(model.spec(), model.weights(), backend)) {
      Path a = Files.createDirectory(work.resolve("a"));
      try (BlockCalibrator calibrator =
          new BlockCalibrator(windows(), decoder, Optional.empty(), false, workers, a)) {
        calibrator.embed();
        for (Place place : Place.of(model.spec().blocks().getFirst())) {
          collect(calibrator, place, true);
        }
        calibrator.leave(0, done -> {});
        stopped = collect(calibrator, Place.of(model.spec().blocks().get(1)).getFirst(), true);
      }
      Path b = Files.createDirectory(work.resolve("b"));
      try (BlockCalibrator calibrator =
          new BlockCalibrator(windows(), decoder, Optional.empty(), false, workers, b)) {
        calibrator.embed();
        calibrator.replay(0, done -> {});
        straight = collect(calibrator, Place.of(model.spec().blocks().get(1)).getFirst(), true);
      }
    }
    assertThat(stopped).isEqualTo(straight);
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "cohere2"})
  void a_second_visit_to_a_place_sees_the_same_tokens(String family) {
    try (Model model = Models.open(Shared.path("models", "tiny", family));
        Backend backend = new CpuBackend(1);
        Workers workers = new Workers(1);
        Decoder decoder = new Decoder(model.spec(), model.weights(), backend);
        BlockCalibrator calibrator =
            new BlockCalibrator(windows(), decoder, Optional.empty(), false, workers, work)) {
      calibrator.embed();
      for (Place place : Place.of(model.spec().blocks().getFirst())) {
        double[] first = collect(calibrator, place, true);
        assertThat(collect(calibrator, place, false)).isEqualTo(first);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "cohere2", "gemma2", "phi3"})
  void a_prefix_that_is_not_quantized_does_not_drift(String family) {
    try (Model model = Models.open(Shared.path("models", "tiny", family));
        Backend backend = new CpuBackend(1);
        Workers workers = new Workers(1);
        Decoder decoder = new Decoder(model.spec(), model.weights(), backend);
        Decoder source = new Decoder(model.spec(), model.weights(), backend);
        BlockCalibrator calibrator =
            new BlockCalibrator(windows(), decoder, Optional.of(source), false, workers, work)) {
      calibrator.embed();
      for (Place place : Place.of(model.spec().blocks().getFirst())) {
        assertThat(drift(calibrator, place)).containsOnly(0.0);
      }
      calibrator.leave(0, done -> {});
      calibrator.replay(1, done -> {});
      assertThat(drift(calibrator, Place.of(model.spec().blocks().getFirst()).getFirst()))
          .containsOnly(0.0);
    }
  }

  @Test
  void tokens_that_are_kept_back_have_sums_of_their_own() {
    try (Model model = Models.open(Shared.path("models", "tiny", "llama"));
        Backend backend = new CpuBackend(1);
        Workers workers = new Workers(1);
        Decoder decoder = new Decoder(model.spec(), model.weights(), backend);
        Decoder source = new Decoder(model.spec(), model.weights(), backend);
        BlockCalibrator calibrator =
            new BlockCalibrator(
                windows(5, 1024), decoder, Optional.of(source), true, workers, work)) {
      calibrator.embed();
      Place place = Place.of(model.spec().blocks().getFirst()).getFirst();
      List<String> group = List.of(place.inputGroups().getFirst());
      try (CollectedInput input =
          calibrator.collect(place, group, true, List.of("test"), done -> {}).getFirst()) {
        assertThat(input.statistics().tokens()).isEqualTo(5 * 1024);
        assertThat(Objects.requireNonNull(input.drift()).tokens()).isEqualTo(4 * 1024);
        HeldOut kept = Objects.requireNonNull(input.heldOut());
        assertThat(kept.statistics().tokens()).isEqualTo(1024);
        assertThat(kept.drift().tokens()).isEqualTo(1024);
      }
    }
  }

  private static double[] drift(BlockCalibrator calibrator, Place place) {
    List<String> group = List.of(place.inputGroups().getFirst());
    List<CollectedInput> all = calibrator.collect(place, group, true, List.of("test"), done -> {});
    try (CollectedInput input = all.getFirst()) {
      return Objects.requireNonNull(input.drift()).cross().dup().data().asDouble();
    }
  }

  private static double[] collect(BlockCalibrator calibrator, Place place, boolean arriving) {
    List<String> group = List.of(place.inputGroups().getFirst());
    List<CollectedInput> all =
        calibrator.collect(place, group, arriving, List.of("test"), done -> {});
    try (CollectedInput input = all.getFirst()) {
      return input.statistics().hessian().dup().data().asDouble();
    }
  }

  private static CalibrationSet windows() {
    return windows(5, 24);
  }

  private static CalibrationSet windows(int samples, int seqLen) {
    SplittableRandom random = new SplittableRandom(5);
    List<int[]> windows = new ArrayList<>();
    for (int i = 0; i < samples; i++) {
      windows.add(random.ints(seqLen, 3, 256).toArray());
    }
    return new CalibrationSet("test", windows, seqLen, "");
  }
}
