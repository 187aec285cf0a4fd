package io.metalmarlin.quant.verify;

import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/// Defects of what loaders ask for beside the weights.
final class LoaderDefects {
  private static final String PACK = FileDefects.PACK;
  private static final String MODELOPT = "modelopt/NVFP4";
  private static final String LEGACY = "hf_quant_config.json";

  private LoaderDefects() {}

  static Stream<Defect> all() {
    return Stream.of(targets(), compressedTensors(), modelOpt(), text()).flatMap(s -> s);
  }

  private static Stream<Defect> targets() {
    return Stream.of(
        Defect.error(
                "transformers has no ModelOpt",
                "target",
                MODELOPT,
                List.of("transformers does not load modelopt"),
                p -> {})
            .forTarget("transformers"),
        Defect.error(
                "mlx-lm has no compressed-tensors",
                "target",
                PACK,
                List.of("mlx-lm does not load"),
                p -> {})
            .forTarget("mlx-lm"),
        Defect.error(
                "llama.cpp reads GGUF only",
                "target",
                PACK,
                List.of("llama.cpp does not load"),
                p -> {})
            .forTarget("llama.cpp"),
        Defect.error(
                "older transformers wants a format",
                "target",
                PACK,
                List.of("model.safetensors", "format"),
                p -> p.metadata(Map.of("tool", "other")))
            .forTarget("transformers@4.57"));
  }

  private static void sparse(PackFolder pack) {
    pack.quantization(q ->
        q.putObject("sparsity_config").put("format", "dense").putArray("targets").add("Linear"));
  }

  private static Stream<Defect> compressedTensors() {
    return Stream.of(
        Defect.error(
                "a sparsity_config has content",
                "ct-config",
                PACK,
                List.of("sparsity_config has content"),
                LoaderDefects::sparse)
            .forTarget("vllm"),
        Defect.warning(
            "a sparsity_config has content",
            "ct-config",
            PACK,
            List.of("sparsity_config"),
            LoaderDefects::sparse),
        Defect.error(
                "an argument is unknown",
                "ct-config",
                PACK,
                List.of("weights.zero_point_kind is no key"),
                p -> p.quantization(q -> weights(q).put("zero_point_kind", "none")))
            .forTarget("vllm"),
        Defect.warning(
            "an argument is unknown",
            "ct-config",
            PACK,
            List.of("weights.zero_point_kind is no key"),
            p -> p.quantization(q -> weights(q).put("zero_point_kind", "none"))),
        Defect.error(
                "the group index is stored",
                "ct-config",
                PACK,
                List.of("actorder", "refuses"),
                p -> p.quantization(q -> weights(q).put("actorder", "group")))
            .forTarget("vllm"),
        Defect.error(
                "the status is not compressed",
                "ct-config",
                PACK,
                List.of("quantization_status is \"frozen\""),
                p -> p.quantization(q -> q.put("quantization_status", "frozen")))
            .forTarget("transformers"),
        Defect.warning(
            "the status is missing",
            "ct-config",
            PACK,
            List.of("quantization_status is missing"),
            p -> p.quantization(q -> q.remove("quantization_status"))));
  }

  private static ObjectNode weights(ObjectNode q) {
    return (ObjectNode) q.get("config_groups").iterator().next().get("weights");
  }

  private static Stream<Defect> modelOpt() {
    return Stream.of(
        Defect.error(
                "a key is missing",
                "modelopt-config",
                MODELOPT,
                List.of(LEGACY, "exclude_modules"),
                p ->
                    p.json(
                        LEGACY,
                        f -> ((ObjectNode) f.get("quantization")).remove("exclude_modules")))
            .forTarget("vllm"),
        Defect.warning(
            "a key is missing",
            "modelopt-config",
            MODELOPT,
            List.of(LEGACY, "group_size"),
            p -> p.json(LEGACY, f -> ((ObjectNode) f.get("quantization")).remove("group_size"))),
        Defect.warning(
            "the file is missing",
            "modelopt-config",
            MODELOPT,
            List.of(LEGACY, "missing"),
            p -> Files.delete(p.file(LEGACY))),
        Defect.error(
            "two files disagree",
            "modelopt-config",
            MODELOPT,
            List.of("FP8", "NVFP4"),
            p ->
                p.json(
                    LEGACY, f -> ((ObjectNode) f.get("quantization")).put("quant_algo", "FP8"))));
  }

  private static Stream<Defect> text() {
    return Stream.of(
        Defect.error(
            "the tokenizer is missing",
            "tokenizer",
            PACK,
            List.of("tokenizer.json", "missing"),
            p -> Files.delete(p.file("tokenizer.json"))),
        Defect.error(
            "the tokenizer is another model's",
            "tokenizer",
            PACK,
            List.of("ids up to", "512"),
            p ->
                p.json(
                    "tokenizer.json",
                    t ->
                        t.withArray("/added_tokens")
                            .addObject()
                            .put("id", 9000)
                            .put("content", "<x>"))),
        Defect.warning(
            "its configuration is missing",
            "tokenizer",
            PACK,
            List.of("tokenizer_config.json"),
            p -> Files.delete(p.file("tokenizer_config.json"))),
        Defect.warning(
            "there is no chat template", "chat-template", PACK, List.of("chat template"), p -> {}),
        Defect.warning(
            "texts never end",
            "eos",
            PACK,
            List.of("eos_token_id"),
            p -> {
              p.json("config.json", c -> c.remove("eos_token_id"));
              p.json("generation_config.json", c -> c.remove("eos_token_id"));
            }),
        Defect.error(
            "texts end at a token that is not there",
            "eos",
            PACK,
            List.of("eos_token_id 151643", "512"),
            p -> p.json("generation_config.json", c -> c.put("eos_token_id", 151643))));
  }
}
