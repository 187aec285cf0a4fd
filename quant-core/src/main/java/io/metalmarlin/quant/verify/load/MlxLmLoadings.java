package io.metalmarlin.quant.verify.load;

import static io.metalmarlin.quant.verify.load.Loading.loads;
import static io.metalmarlin.quant.verify.load.Loading.refuses;

import java.util.List;
import java.util.Set;

/// mlx-lm 0.32.2 (ml-explore/mlx-lm, `mlx_lm/utils.py`: `load_model`, `_transform_awq_weights`,
/// `_compressed_tensors_quantization`). Every line but those of gpt-oss and FP8 was run with packs
/// of their tools on models of the Qwen3 family.
final class MlxLmLoadings {
  private static final String NAME = "mlx-lm";
  private static final String NAMES =
      "it maps the format, but keeps the tensors' names, and ends at the first that MLX does not have";

  static final List<Loading> ALL =
      List.of(
          loads(NAME, "mlx"),
          loads(NAME, "hf-dense"),
          loads(
              NAME,
              "awq",
              ConfigDemands.keys("group_size"),
              ConfigDemands.awqBits("its conversion knows one width"),
              ConfigDemands.oneOf(
                  "group_size",
                  Set.of("32", "64", "128"),
                  "MLX has no kernel for others",
                  "Quantize with one of these group sizes.")),
          loads(
              NAME,
              "gpt-oss",
              ConfigDemands.modelType(
                  Set.of("gpt_oss"), "joins blocks and scales only in its gpt_oss model")),
          loads(
              NAME,
              "fp8",
              ConfigDemands.modelType(
                  Set.of("deepseek_v3", "deepseek_v32", "kimi_k2"),
                  "decodes FP8 blocks only in its DeepSeek models")),
          refuses(
              NAME,
              "gptq",
              "it reads the words in AWQ's order, and ends with an error at the g_idx that every"
                  + " GPTQ pack has"),
          refuses(NAME, "compressed-tensors", NAMES),
          refuses(NAME, "modelopt", NAMES),
          refuses(NAME, "auto-round", "it does not know the quant_method auto-round"),
          refuses(NAME, "fp-quant", "it does not know the quant_method fp_quant"),
          refuses(NAME, "marlin", "it does not know the quant_method marlin"),
          refuses(NAME, "gguf", "it reads model*.safetensors only"));

  private MlxLmLoadings() {}
}
