package io.metalmarlin.quant.verify.load;

import static io.metalmarlin.quant.verify.load.Loading.loads;
import static io.metalmarlin.quant.verify.load.Loading.loadsSince;
import static io.metalmarlin.quant.verify.load.Loading.refuses;

import java.util.List;
import java.util.Set;

/// transformers 4.51 to 5.18 (huggingface/transformers, `src/transformers/quantizers/auto.py` and
/// the `quantizer_*.py` beside it, `src/transformers/utils/quantization_config.py`). A
/// `quant_method` that it does not know is skipped with a warning, and the model is built dense
/// with weights nobody stored: that is a refusal here. `mxfp4` came with gpt-oss in 4.55.
final class TransformersLoadings {
  private static final String NAME = "transformers";

  static final List<Loading> ALL =
      List.of(
          loads(NAME, "compressed-tensors", ConfigDemands.inConfigJson()),
          loads(
              NAME,
              "gptq",
              ConfigDemands.inConfigJson(),
              ConfigDemands.keys("bits"),
              ConfigDemands.gptqBits("GPTQModel has no kernel for others"),
              ConfigDemands.between("damp_percent", 0, 1)),
          loads(
              NAME,
              "awq",
              ConfigDemands.inConfigJson(),
              ConfigDemands.oneOf(
                  "version",
                  Set.of("gemm", "gemv", "gemv_fast", "llm-awq", "GEMM", "GEMV"),
                  "it knows no other layouts",
                  "Convert it with `marlin convert --to awq`."),
              TensorDemands.headDense(),
              TensorDemands.awqDenseListed(false)),
          loads(
              NAME,
              "auto-round",
              ConfigDemands.inConfigJson(),
              ConfigDemands.note(
                  "loads AutoRound's packs only with the package auto-round",
                  "Install it beside transformers.")),
          loads(NAME, "fp8", ConfigDemands.inConfigJson(), ConfigDemands.activationScheme()),
          loads(
              NAME,
              "fp-quant",
              ConfigDemands.inConfigJson(),
              ConfigDemands.oneOf(
                  "forward_dtype",
                  Set.of("mxfp4", "nvfp4"),
                  "its kernels know no other",
                  "Quantize to one of these.")),
          Loading.refusesUntilNext(NAME, "gpt-oss", "0", "mxfp4 came with version 4.55"),
          loadsSince(NAME, "gpt-oss", "4.55", ConfigDemands.inConfigJson()),
          loads(NAME, "gguf"),
          loads(NAME, "hf-dense"),
          refuses(
              NAME,
              "modelopt",
              "it has no quant_method modelopt and would take the weights for dense ones"),
          refuses(NAME, "marlin", "it does not know the quant_method marlin"),
          refuses(
              NAME,
              "mlx",
              "MLX's quantization_config has no quant_method, which ends in an error"));

  private TransformersLoadings() {}
}
