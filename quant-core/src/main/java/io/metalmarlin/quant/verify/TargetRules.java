package io.metalmarlin.quant.verify;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// What a program that loads checkpoints asks of them. Data; the checks read it.
///
/// @param target its name
/// @param since the first version that these rules hold for; `0` where no older behaviour is known
/// @param checkedWith the version whose source or behaviour the rules were taken from
/// @param dialects names of the dialects it loads
/// @param rules what it insists on
public record TargetRules(
    String target, Version since, Version checkedWith, List<String> dialects, Set<Rule> rules) {
  /// One demand.
  public enum Rule {
    /// Fused projections run with the largest of their tensor scales: they must have one.
    FUSED_SCALES_EQUAL,
    /// A `sparsity_config` with content is refused.
    NO_SPARSITY_CONTENT,
    /// A stored group index (`actorder` group or dynamic) is refused.
    NO_STORED_ACT_ORDER,
    /// Unknown keys of compressed-tensors' arguments are refused.
    STRICT_ARGUMENTS,
    /// Without `quantization_status: compressed` the weights are taken for dense ones.
    STATUS_COMPRESSED,
    /// `hf_quant_config.json` must have its keys.
    MODELOPT_KEYS,
    /// safetensors files must say `format` in their metadata.
    FORMAT_METADATA,
    /// Shards must be named `model*.safetensors`.
    MODEL_FILE_NAMES,
    /// Every tensor must have a place in the model.
    NO_STRAY_TENSORS,
    /// An online transform cannot be split over several devices.
    NO_TRANSFORM_WHEN_SPLIT,
    /// It does not split matrices over devices.
    NO_SPLIT
  }

  private static final String CT = "compressed-tensors";
  private static final String DENSE = "hf-dense";
  private static final Version ANY = Version.of("0");

  /// Newest rules of a target last. Sources: formats.md b.3, b.4, c.3, d.3, e of the design.
  public static final List<TargetRules> ALL =
      List.of(
          of(
              "vllm",
              "0",
              "0.33",
              List.of(CT, "modelopt", "gptq", "awq", "fp-quant", "gpt-oss", "gguf", DENSE),
              Rule.FUSED_SCALES_EQUAL,
              Rule.NO_SPARSITY_CONTENT,
              Rule.NO_STORED_ACT_ORDER,
              Rule.STRICT_ARGUMENTS,
              Rule.MODELOPT_KEYS,
              Rule.NO_STRAY_TENSORS,
              Rule.NO_TRANSFORM_WHEN_SPLIT),
          of(
              "sglang",
              "0",
              "0",
              List.of(CT, "modelopt", "gptq", "awq", "gpt-oss", "gguf", DENSE),
              Rule.FUSED_SCALES_EQUAL,
              Rule.NO_SPARSITY_CONTENT,
              Rule.NO_STORED_ACT_ORDER,
              Rule.STRICT_ARGUMENTS,
              Rule.MODELOPT_KEYS),
          of(
              "trtllm",
              "0",
              "0",
              List.of("modelopt", DENSE),
              Rule.FUSED_SCALES_EQUAL,
              Rule.MODELOPT_KEYS),
          of(
              "transformers",
              "0",
              "4.57",
              List.of(CT, "gptq", "awq", "fp-quant", "gpt-oss", "gguf", DENSE),
              Rule.STATUS_COMPRESSED,
              Rule.STRICT_ARGUMENTS,
              Rule.FORMAT_METADATA,
              Rule.NO_SPLIT),
          of(
              "transformers",
              "5.18",
              "5.18",
              List.of(CT, "gptq", "awq", "fp-quant", "gpt-oss", "gguf", DENSE),
              Rule.STATUS_COMPRESSED,
              Rule.STRICT_ARGUMENTS,
              Rule.NO_SPLIT),
          of(
              "mlx-lm",
              "0",
              "0.32.2",
              List.of("mlx", DENSE),
              Rule.MODEL_FILE_NAMES,
              Rule.NO_STRAY_TENSORS,
              Rule.NO_SPLIT),
          of("llama.cpp", "0", "0.5.0", List.of("gguf"), Rule.NO_SPLIT),
          of("marlin", "0", "0", List.of(), Rule.NO_SPLIT));

  private static TargetRules of(
      String target, String since, String checkedWith, List<String> dialects, Rule... rules) {
    Set<Rule> set = rules.length == 0 ? Set.of() : EnumSet.copyOf(List.of(rules));
    return new TargetRules(
        target, Version.of(since), Version.of(checkedWith), dialects, Set.copyOf(set));
  }

  /// The rules for what a user wrote: `vllm`, or `vllm@0.33` for a version.
  ///
  /// @throws MarlinException `BAD_FLAG` for an unknown target or a version that is no number
  public static TargetRules named(String text) {
    int at = text.indexOf('@');
    String name = at < 0 ? text : text.substring(0, at);
    List<TargetRules> known = ALL.stream().filter(r -> r.target.equals(name)).toList();
    if (known.isEmpty()) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          "--target " + text,
          "is no program whose rules are known",
          "Use one of "
              + ALL.stream().map(TargetRules::target).distinct().collect(Collectors.joining(", "))
              + ".");
    }
    if (at < 0) {
      return known.getLast();
    }
    Version version =
        Version.parse(text.substring(at + 1))
            .orElseThrow(() ->
                new MarlinException(
                    ErrorCode.BAD_FLAG,
                    "--target " + text,
                    "has no version after the @",
                    "Write it as numbers, for example "
                        + name
                        + "@"
                        + known.getLast().checkedWith
                        + "."));
    return known.stream().filter(r -> r.since.compareTo(version) <= 0).toList().getLast();
  }

  /// Whether it insists on something.
  public boolean asks(Rule rule) {
    return rules.contains(rule);
  }

  /// Whether it loads a dialect; our own runtime loads whatever is read at all.
  public boolean loads(String dialect) {
    return dialects.isEmpty() || dialects.contains(dialect);
  }
}
