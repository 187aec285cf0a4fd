package io.metalmarlin.quant.verify.load;

import static io.metalmarlin.quant.verify.load.Loading.loads;
import static io.metalmarlin.quant.verify.load.Loading.loadsSince;
import static io.metalmarlin.quant.verify.load.Loading.refuses;

import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import java.util.List;
import java.util.Set;

/// vLLM 0.19 to 0.33 (vllm-project/vllm, `vllm/model_executor/layers/quantization/`: `__init__.py`,
/// `auto_gptq.py`, `auto_awq.py`, `auto_round.py`, `fp8.py`, `fp_quant.py`, `modelopt.py`,
/// `mxfp4.py`, `compressed_tensors/schemes/compressed_tensors_wNa16.py`; `utils/marlin_utils.py`
/// for group sizes).
///
/// - GPTQ: 0.22 joined two loaders into one on Marlin kernels, 4 and 8 bits, symmetric only (pull
///   request 38288); before it 2 and 3 bits and zero points were taken too.
/// - GGUF: 0.24 moved it into the package vllm-gguf-plugin (pull request 39612).
final class VllmLoadings {
  private static final String NAME = "vllm";
  private static final Set<Integer> MARLIN_WIDTHS = Set.of(4, 8);

  static final List<Loading> ALL =
      List.of(
          loads(
              NAME,
              "compressed-tensors",
              TensorDemands.grids(
                  s ->
                      !(s instanceof IntScheme i)
                          || i.zero() == Zero.NONE
                          || MARLIN_WIDTHS.contains(i.bits()),
                  "zero points with 4 or 8 bits only"),
              TensorDemands.rare(
                  s -> s instanceof IntScheme i && !MARLIN_WIDTHS.contains(i.bits()),
                  "runs integers of other widths than 4 and 8 bits only with the Humming kernels",
                  "Install them, or quantize to 4 bits."),
              TensorDemands.fusedPartsWhole(),
              TensorDemands.llama4HeadsUnpacked()),
          loads(
              NAME,
              "modelopt",
              ConfigDemands.algorithm(
                  Set.of(
                      "FP8",
                      "FP8_PER_CHANNEL_PER_TOKEN",
                      "FP8_PB_WO",
                      "fp8_pb_wo",
                      "NVFP4",
                      "W4A16_NVFP4",
                      "MXFP8",
                      "MIXED_PRECISION"))),
          loads(
              NAME,
              "gptq",
              ConfigDemands.keys("bits", "group_size", "desc_act"),
              ConfigDemands.gptqBits("it has no kernel for others"),
              TensorDemands.headAnnounced(),
              TensorDemands.llama4HeadsUnpacked()),
          loadsSince(
              NAME,
              "gptq",
              "0.22",
              ConfigDemands.keys("bits", "group_size", "desc_act", "sym"),
              ConfigDemands.oneOf(
                  "bits",
                  Set.of("4", "8"),
                  "since 0.22 it runs GPTQ with Marlin kernels only",
                  "Convert with `marlin convert --to compressed-tensors`, or quantize to 4 bits."),
              ConfigDemands.oneOf(
                  "sym",
                  Set.of("true"),
                  "since 0.22 it runs GPTQ without zero points only",
                  "Convert with `marlin convert --to compressed-tensors`, which it runs with zero"
                      + " points."),
              marlinGroups(),
              TensorDemands.headAnnounced(),
              TensorDemands.llama4HeadsUnpacked()),
          loads(
              NAME,
              "awq",
              ConfigDemands.awqKeys(),
              ConfigDemands.awqBits("it has no kernel for others"),
              TensorDemands.headAnnounced(),
              TensorDemands.awqDenseListed(true),
              TensorDemands.llama4HeadsUnpacked()),
          loads(NAME, "auto-round", ConfigDemands.autoRoundAsGptqOrAwq()),
          loads(
              NAME,
              "fp8",
              ConfigDemands.keys("activation_scheme|activation_scale_ub"),
              ConfigDemands.activationScheme(),
              TensorDemands.fusedPartsWhole()),
          loads(
              NAME,
              "fp-quant",
              ConfigDemands.keys(
                  "hadamard_group_size",
                  "forward_dtype",
                  "forward_method",
                  "modules_to_not_convert"),
              ConfigDemands.oneOf(
                  "forward_method",
                  Set.of("abs_max", "quest"),
                  "its kernels know no other",
                  "Set it to \"abs_max\"."),
              TensorDemands.denseListed("modules_to_not_convert", (e, m) -> m.endsWith(e), false)),
          loads(NAME, "gpt-oss"),
          loads(NAME, "gguf"),
          loadsSince(
              NAME,
              "gguf",
              "0.24",
              ConfigDemands.note(
                  "since 0.24 loads GGUF only with the package vllm-gguf-plugin",
                  "Install it beside vLLM.")),
          loads(NAME, "hf-dense"),
          refuses(NAME, "marlin", Loading.OTHER_MARLIN),
          refuses(NAME, "mlx", Loading.MLX_HAS_NO_METHOD));

  private VllmLoadings() {}

  private static Demand marlinGroups() {
    return ConfigDemands.oneOf(
        "group_size",
        Set.of("-1", "32", "64", "128"),
        "Marlin kernels know no other",
        "Quantize with one of these group sizes.");
  }
}
