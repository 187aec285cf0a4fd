package io.metalmarlin.quant.verify.load;

import static io.metalmarlin.quant.verify.load.Loading.loads;
import static io.metalmarlin.quant.verify.load.Loading.refuses;

import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The PyTorch backend of TensorRT-LLM as its source was in September 2026 (NVIDIA/TensorRT-LLM,
/// `tensorrt_llm/_torch/model_config.py`, `tensorrt_llm/models/quant_config_utils.py`,
/// `tensorrt_llm/quantization/mode.py`).
final class TrtLlmLoadings {
  private static final String NAME = "trtllm";

  static final List<Loading> ALL =
      List.of(
          loads(
              NAME,
              "modelopt",
              ConfigDemands.algorithm(
                  Set.of(
                      "FP8",
                      "FP8_PER_CHANNEL_PER_TOKEN",
                      "FP8_BLOCK_SCALES",
                      "NVFP4",
                      "NVFP4_AWQ",
                      "W4A16_NVFP4",
                      "W4A8_NVFP4_FP8",
                      "W4A16_AWQ",
                      "W4A8_AWQ",
                      "W4A16_MXFP4",
                      "MXFP8",
                      "MIXED_PRECISION"))),
          loads(NAME, "compressed-tensors", TrtLlmLoadings::compressedTensors),
          loads(NAME, "fp8", TrtLlmLoadings::blocksOf128),
          loads(NAME, "gpt-oss"),
          loads(NAME, "hf-dense"),
          refuses(NAME, "gptq", "its PyTorch backend does not know the quant_method gptq"),
          refuses(NAME, "awq", "its PyTorch backend does not know the quant_method awq"),
          refuses(NAME, "auto-round", "it does not know the quant_method auto-round"),
          refuses(NAME, "fp-quant", "it does not know the quant_method fp_quant"),
          refuses(NAME, "marlin", "it does not know the quant_method marlin"),
          refuses(NAME, "mlx", Loading.MLX_HAS_NO_METHOD),
          refuses(NAME, "gguf", "it reads safetensors only"));

  private TrtLlmLoadings() {}

  /// FP8 per channel with inputs per token, FP8 blocks with inputs in groups of 128, or NVFP4 with
  /// quantized inputs, all under the name `group_0`.
  private static void compressedTensors(Subject subject, String program, Findings findings) {
    JsonNode group = subject.quantization().path("config_groups").path("group_0");
    if (!group.isObject()) {
      ConfigDemands.wrong(
          findings,
          "config_groups",
          "has no group_0, the name by which %s looks for it".formatted(program),
          "Rename the group.");
      return;
    }
    JsonNode weights = group.path("weights");
    JsonNode inputs = group.path("input_activations");
    String weight = weights.path("strategy").asString("");
    String input = inputs.path("strategy").asString("none");
    boolean floating = weights.path("type").asString("").equals("float");
    boolean known =
        switch (weights.path("num_bits").asInt(0)) {
          case 8 ->
              floating
                  && (weight.equals("channel") && input.equals("token")
                      || weight.equals("block")
                          && input.equals("group")
                          && inputs.path("group_size").asInt(0) == 128);
          case 4 -> floating && weight.equals("tensor_group") && input.equals("tensor_group");
          default -> false;
        };
    if (!known) {
      ConfigDemands.wrong(
          findings,
          "config_groups.group_0",
          "has %s-bit %s weights per %s with inputs per %s; %s takes FP8 (channel and token, or block and groups of 128) and NVFP4 with quantized inputs"
              .formatted(
                  weights.path("num_bits").asInt(0),
                  weights.path("type").asString("?"),
                  weight,
                  input,
                  program),
          "Convert it with `marlin convert --to modelopt`, or quantize to one of these.");
    }
  }

  private static void blocksOf128(Subject subject, String program, Findings findings) {
    JsonNode block = subject.quantization().path("weight_block_size");
    boolean fixed = subject.quantization().path("activation_scheme").asString("").equals("static");
    boolean square = block.isArray() && block.size() == 2;
    if (square ? block.get(0).asInt(0) != 128 || block.get(1).asInt(0) != 128 : !fixed) {
      ConfigDemands.wrong(
          findings,
          "weight_block_size",
          "is %s; %s takes blocks of [128, 128], or static inputs"
              .formatted(block.isMissingNode() ? "missing" : block, program),
          "Quantize again in blocks of 128, for example to FP8_BLOCK.");
    }
  }
}
