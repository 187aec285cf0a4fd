package io.metalmarlin.quant.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.Dialects;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.quant.verify.check.TargetLoads;
import io.metalmarlin.quant.verify.load.Loading;
import io.metalmarlin.quant.verify.load.Loadings;
import io.metalmarlin.quant.verify.load.Targets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Every program has an answer for every family, and `verify` gives it.
class LoadingsTest {
  private static final JsonMapper JSON = JsonMapper.shared();

  /// A quantization that every program takes that loads the family at all.
  private static final Map<String, String> GOOD =
      Map.of(
          "compressed-tensors",
          """
          {"config_groups": {"group_0": {
            "weights": {"num_bits": 8, "type": "float", "strategy": "channel"},
            "input_activations": {"num_bits": 8, "type": "float", "strategy": "token"}}}}
          """,
          "modelopt",
          """
          {"quant_method": "modelopt", "quant_algo": "NVFP4"}
          """,
          "gptq",
          """
          {"quant_method": "gptq", "bits": 4, "group_size": 128, "desc_act": false, "sym": true,
           "damp_percent": 0.01}
          """,
          "awq",
          """
          {"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": true,
           "version": "gemm", "modules_to_not_convert": ["lm_head"]}
          """,
          "auto-round",
          """
          {"quant_method": "auto-round", "bits": 4, "group_size": 128, "sym": true,
           "packing_format": "auto_round:auto_gptq"}
          """,
          "fp8",
          """
          {"quant_method": "fp8", "activation_scheme": "dynamic", "weight_block_size": [128, 128]}
          """,
          "fp-quant",
          """
          {"quant_method": "fp_quant", "hadamard_group_size": 32, "forward_dtype": "nvfp4",
           "forward_method": "abs_max", "modules_to_not_convert": ["lm_head"]}
          """,
          "gpt-oss",
          """
          {"quant_method": "mxfp4"}
          """);

  private static final Map<String, String> MODEL =
      Map.of("gpt-oss", "gpt_oss", "fp8", "deepseek_v3");

  static Stream<Loading> cells() {
    return Loadings.ALL.stream();
  }

  @Test
  void every_program_has_an_answer_for_every_family_and_no_other() {
    List<String> families = Dialects.ALL.stream().map(Dialect::name).toList();
    for (String target : TargetRules.targets()) {
      assertThat(Loadings.ALL.stream().filter(l -> l.target().equals(target)))
          .as(target)
          .extracting(Loading::family)
          .containsAll(families)
          .isSubsetOf(families);
    }
    assertThat(Loadings.ALL.stream().map(Loading::target).distinct())
        .containsExactlyInAnyOrderElementsOf(TargetRules.targets());
    assertThat(Loadings.ALL.stream().map(Loading::toString)).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("cells")
  void a_good_checkpoint_is_taken_or_refused_with_the_reason(Loading cell) {
    List<Finding> found = findings(cell, GOOD.getOrDefault(cell.family(), "{}"));
    List<Finding> errors = found.stream().filter(f -> f.severity() == Severity.ERROR).toList();
    if (cell.refusal().isPresent()) {
      assertThat(errors)
          .singleElement()
          .satisfies(f -> {
            assertThat(f.reason())
                .isEqualTo(
                    "%s does not load %s checkpoints: %s"
                        .formatted(cell.target(), cell.family(), cell.refusal().get()));
            assertThat(f.remedy()).contains("marlin convert").endsWith(".");
          });
    } else {
      assertThat(errors).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "vllm@0.21, gptq, bits, 5, 'takes 2, 3, 4, 8'",
    "vllm, gptq, bits, 3, 'takes 4, 8'",
    "vllm, gptq, sym, false, 'takes true'",
    "vllm, gptq, group_size, 256, 'takes -1, 128, 32, 64'",
    "vllm, gptq, desc_act, , 'desc_act is missing'",
    "sglang, gptq, bits, 3, ''",
    "sglang, gptq, bits, 5, 'takes 2, 3, 4, 8'",
    "transformers, gptq, bits, 6, 'takes 2, 3, 4, 8'",
    "transformers, gptq, damp_percent, 0, 'only numbers between'",
    "vllm, awq, bits, 8, 'takes 4'",
    "vllm, awq, zero_point, , 'zero_point is missing'",
    "sglang, awq, zero_point, , 'zero_point is missing'",
    "transformers, awq, version, marlin, 'takes '",
    "mlx-lm, awq, group_size, 16, 'takes 128, 32, 64'",
    "vllm, auto-round, packing_format, auto_round, 'takes auto_round:auto_awq, auto_round:auto_gptq'",
    "vllm, fp8, activation_scheme, , 'activation_scheme or'",
    "sglang, fp8, activation_scheme, block, 'takes dynamic, static'",
    "transformers, fp8, activation_scheme, block, 'takes dynamic, static'",
    "trtllm, fp8, weight_block_size, , 'weight_block_size is missing'",
    "vllm, fp-quant, forward_method, , 'forward_method is missing'",
    "vllm, fp-quant, forward_method, other, 'takes abs_max, quest'",
    "transformers, fp-quant, forward_dtype, nf4, 'takes mxfp4, nvfp4'",
    "vllm, modelopt, quant_algo, W4A16_AWQ, 'takes FP8'",
    "sglang, modelopt, quant_algo, W4A16_AWQ, 'takes FP8'",
    "trtllm, modelopt, quant_algo, NVFP4_SVD, 'takes FP8'",
    "trtllm, compressed-tensors, config_groups, , 'has no group_0'"
  })
  void a_key_that_a_loader_stumbles_over_is_named(
      String target, String family, String key, String value, String words) {
    ObjectNode q = (ObjectNode) JSON.readTree(GOOD.get(family));
    if (value == null) {
      q.remove(key);
    } else {
      q.set(
          key, value.matches("-?\\d+|true|false") ? JSON.readTree(value) : JSON.valueToTree(value));
    }
    List<Finding> found = findings(Targets.named(target), family, q);
    if (words.isEmpty()) {
      assertThat(found).isEmpty();
    } else {
      assertThat(found)
          .singleElement()
          .satisfies(f -> {
            assertThat(f.severity()).isEqualTo(Severity.ERROR);
            assertThat(f.reason()).contains(words);
            assertThat(f.remedy()).endsWith(".");
          });
    }
  }

  @Test
  void int8_is_not_taken_for_fp8() {
    String int8 = GOOD.get("compressed-tensors").replace("float", "int");
    assertThat(
            findings(
                Targets.named("trtllm"), "compressed-tensors", (ObjectNode) JSON.readTree(int8)))
        .singleElement()
        .satisfies(f -> assertThat(f.reason()).contains("8-bit int weights per channel"));
  }

  @Test
  void an_older_version_has_older_rules() {
    assertThat(loading("vllm@0.21", "gguf").demands()).isEmpty();
    assertThat(loading("vllm@0.24", "gguf").demands()).isNotEmpty();
    assertThat(loading("transformers@4.54", "gpt-oss").refusal()).isPresent();
    assertThat(loading("transformers@v4.55.2", "gpt-oss").refusal()).isEmpty();
    assertThat(Targets.named("transformers@4.57").asks(TargetRules.Rule.FORMAT_METADATA)).isTrue();
    assertThat(Targets.named("transformers").asks(TargetRules.Rule.FORMAT_METADATA)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vllm@0.18",
        "vllm@9",
        "vllm@0.34",
        "vllm@",
        "vllm@new",
        "transformers@4.50",
        "mlx-lm@0.31",
        "llama.cpp@0.6"
      })
  void a_version_whose_rules_are_not_known_is_refused_with_those_that_are(String target) {
    assertThatThrownBy(() -> Targets.named(target))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.BAD_FLAG);
              assertThat(e.where()).isEqualTo("--target " + target);
              assertThat(e.hint()).contains(target.substring(0, target.indexOf('@')));
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"sglang@0.5", "trtllm@1.0", "marlin@1"})
  void a_program_known_in_one_state_has_no_versions(String target) {
    assertThatThrownBy(() -> Targets.named(target))
        .isInstanceOf(MarlinException.class)
        .hasMessageContaining("one state only");
  }

  private static Loading loading(String target, String family) {
    return Loadings.of(Targets.named(target).target(), Targets.named(target).version(), family);
  }

  private static List<Finding> findings(Loading cell, String quantization) {
    TargetRules rules =
        new TargetRules(cell.target(), cell.since(), Targets.named(cell.target()).rules());
    return findings(rules, cell.family(), (ObjectNode) JSON.readTree(quantization));
  }

  /// What the check of loading says about a checkpoint without tensors.
  private static List<Finding> findings(TargetRules rules, String family, ObjectNode quantization) {
    ObjectNode root = JSON.createObjectNode();
    root.put("model_type", MODEL.getOrDefault(family, "qwen3"));
    if (!quantization.isEmpty()) {
      root.set("quantization_config", quantization);
    }
    Path folder = Path.of("nowhere");
    Subject subject =
        new Subject(
            folder,
            Optional.empty(),
            Optional.empty(),
            Optional.of(new ModelConfig(folder.resolve("config.json"), root)),
            new ShardSet(List.of()),
            Optional.of(Dialects.named(family)),
            PackedModules.NONE,
            Optional.empty(),
            List.of(),
            Optional.of(rules),
            1);
    Findings findings = new Findings("target");
    new TargetLoads().look(subject, findings);
    return findings.all();
  }
}
