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
                  "4 or 8 bits of integers")),
          loads(
              NAME, "modelopt", ConfigDemands.algorithm(Set.of("FP8", "NVFP4", "MIXED_PRECISION"))),
          loads(
              NAME,
              "gptq",
              ConfigDemands.keys("bits", "group_size", "desc_act"),
              ConfigDemands.oneOf(
                  "bits",
                  Set.of("2", "3", "4", "8"),
                  "it has no kernel for others",
                  "Quantize to one of these widths."),
              TensorDemands.headAnnounced()),
          loads(
              NAME,
              "awq",
              ConfigDemands.keys("bits|w_bit", "group_size|q_group_size", "zero_point"),
              ConfigDemands.oneOf(
                  "bits", Set.of("4"), "it has no kernel for others", "Quantize to 4 bits."),
              TensorDemands.headAnnounced(),
              TensorDemands.denseListed(
                  "modules_to_not_convert", (entry, module) -> module.contains(entry), false)),
          loads(
              NAME,
              "auto-round",
              ConfigDemands.oneOf(
                  "packing_format",
                  Set.of("auto_round:auto_gptq", "auto_round:auto_awq"),
                  "it knows no other layouts of AutoRound",
                  "Convert it with `marlin convert --to gptq` or `--to compressed-tensors`.")),
          loads(
              NAME,
              "fp8",
              ConfigDemands.keys("activation_scheme"),
              ConfigDemands.oneOf(
                  "activation_scheme",
                  Set.of("dynamic", "static"),
                  "it knows no other",
                  "Set it to \"dynamic\", unless input scales are stored."),
              TensorDemands.fusedPartsWhole()),
          loads(NAME, "gpt-oss"),
          loads(NAME, "gguf"),
          loads(NAME, "hf-dense"),
          refuses(NAME, "fp-quant", "it does not know the quant_method fp_quant"),
          refuses(
              NAME, "marlin", "its quant_method marlin is another layout, of the Marlin kernel"),
          refuses(NAME, "mlx", "MLX's quantization_config has no quant_method"));

  private SglangLoadings() {}
}
