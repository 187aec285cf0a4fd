package io.metalmarlin.quant.verify.load;

import static io.metalmarlin.quant.verify.load.Loading.loads;
import static io.metalmarlin.quant.verify.load.Loading.refuses;

import io.metalmarlin.formats.scheme.IntScheme;
import java.util.List;
import java.util.Set;

/// SGLang as its source was in September 2026 (sgl-project/sglang,
/// `python/sglang/srt/layers/quantization/`: `__init__.py`, `auto_round.py`, `gptq/gptq.py`,
/// `awq/awq.py`, `fp8.py`, `modelopt_quant.py`,
/// `compressed_tensors/schemes/compressed_tensors_wNa16.py`).
final class SglangLoadings {
  private static final String NAME = "sglang";

  static final List<Loading> ALL =
      List.of(
          loads(
              NAME,
              "compressed-tensors",
              TensorDemands.grids(
                  s -> !(s instanceof IntScheme i) || i.bits() == 4 || i.bits() == 8,
                  "4 or 8 bits of integers"),
              TensorDemands.llama4HeadsUnpacked()),
          loads(
              NAME, "modelopt", ConfigDemands.algorithm(Set.of("FP8", "NVFP4", "MIXED_PRECISION"))),
          loads(
              NAME,
              "gptq",
              ConfigDemands.keys("bits", "group_size", "desc_act"),
              ConfigDemands.gptqBits("it has no kernel for others"),
              TensorDemands.headAnnounced(),
              TensorDemands.llama4HeadsUnpacked()),
          loads(
              NAME,
              "awq",
              ConfigDemands.awqKeys(),
              ConfigDemands.awqBits("it has no kernel for others"),
              TensorDemands.headAnnounced(),
              TensorDemands.awqDenseListed(false),
              TensorDemands.llama4HeadsUnpacked()),
          loads(NAME, "auto-round", ConfigDemands.autoRoundAsGptqOrAwq()),
          loads(
              NAME,
              "fp8",
              ConfigDemands.keys("activation_scheme|activation_scale_ub"),
              ConfigDemands.activationScheme(),
              TensorDemands.fusedPartsWhole()),
          loads(NAME, "gpt-oss"),
          loads(NAME, "gguf"),
          loads(NAME, "hf-dense"),
          refuses(NAME, "fp-quant", "it does not know the quant_method fp_quant"),
          refuses(NAME, "marlin", Loading.OTHER_MARLIN),
          refuses(NAME, "mlx", Loading.MLX_HAS_NO_METHOD));

  private SglangLoadings() {}
}
