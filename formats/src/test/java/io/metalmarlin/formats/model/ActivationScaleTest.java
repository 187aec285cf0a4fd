package io.metalmarlin.formats.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.formats.testing.Shared;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The calibrated scales of inputs, as peers store them.
class ActivationScaleTest {
  @ParameterizedTest
  @CsvSource({
    "ct/NVFP4, compressed-tensors, NVFP4",
    "autoround/nvfp4-llm_compressor, compressed-tensors, NVFP4",
    "modelopt/NVFP4, modelopt, NVFP4",
    "modelopt/FP8, modelopt, FP8_STATIC",
  })
  void is_named_typed_and_shaped_as_the_peers(String pack, String dialect, Activations kind) {
    ActivationScale scale = Dialects.named(dialect).activationScale(kind).orElseThrow();
    TensorInfo wanted = scale.plane().tensor("model.layers.1.mlp.down_proj");
    try (Checkpoint c = Containers.open(Shared.path("packs", pack))) {
      assertThat(c.tensors().get(wanted.name())).isEqualTo(wanted);
    }
  }

  @Test
  void goes_in_the_direction_of_the_dialect() {
    Dialect ct = Dialects.named("compressed-tensors");
    Dialect modelOpt = Dialects.named("modelopt");
    assertThat(ct.activationScale(Activations.NVFP4).orElseThrow().of(2f)).isEqualTo(1344f);
    assertThat(modelOpt.activationScale(Activations.NVFP4).orElseThrow().of(1344f)).isEqualTo(0.5f);
    assertThat(modelOpt.activationScale(Activations.FP8_STATIC).orElseThrow().of(224f))
        .isEqualTo(0.5f);
    assertThat(ct.activationScale(Activations.NONE)).isEmpty();
  }

  @Test
  void of_an_input_of_zeros_is_neutral() {
    for (Dialect d : Dialects.ALL) {
      for (Activations a : Activations.values()) {
        d.activationScale(a).ifPresent(s -> assertThat(s.of(0f)).isEqualTo(1f));
      }
    }
  }
}
