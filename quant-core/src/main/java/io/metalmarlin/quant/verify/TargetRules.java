package io.metalmarlin.quant.verify;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// What a program that loads checkpoints asks of all of them; what it asks of each family is in the
/// package `load`. Data; the checks read it.
///
/// The demands that are not of one family were read in: vLLM
/// `model_executor/layers/quantization/compressed_tensors/` and `modelopt.py`, pull requests 36799
/// (compressed sparsity, gone with 0.19), `model_executor/models/mixtral.py`, `minimax_text_01.py`
/// and `granitemoe.py`; compressed-tensors `quantization/quant_args.py` (unknown keys are
/// forbidden); transformers `modeling_utils.py` (`format` in the metadata; there in 4.51, not in
/// 5.17) and `quantizers/quantizer_compressed_tensors.py`; mlx-lm `utils.py` (file names).
///
/// @param target its name
/// @param version the version that was asked for, else the newest whose rules are known; `0` where
///   the source that was read has no release number
/// @param rules what it insists on
public record TargetRules(String target, Version version, Set<Rule> rules) {
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
    /// Metadata of a safetensors file, where there is any, must say `format`.
    FORMAT_METADATA,
    /// Shards must be named `model*.safetensors`.
    MODEL_FILE_NAMES,
    /// Every tensor must have a place in the model.
    NO_STRAY_TENSORS,
    /// Mixtures must have the names of published checkpoints.
    PUBLISHED_MIXTURES,
    /// An online transform cannot be split over several devices.
    NO_TRANSFORM_WHEN_SPLIT,
    /// It does not split matrices over devices.
    NO_SPLIT
  }

  /// The rules of a program from a version on.
  ///
  /// @param oldest version whose behaviour is known
  /// @param newest version whose behaviour is known; equal to `0` where none has a number
  public record Known(
      String target, Version oldest, Version since, Version newest, Set<Rule> rules) {}

  /// Newest rules of a target last.
  public static final List<Known> ALL =
      List.of(
          known(
              "vllm",
              "0.19",
              "0.19",
              "0.33",
              Rule.FUSED_SCALES_EQUAL,
              Rule.NO_SPARSITY_CONTENT,
              Rule.NO_STORED_ACT_ORDER,
              Rule.STRICT_ARGUMENTS,
              Rule.MODELOPT_KEYS,
              Rule.NO_STRAY_TENSORS,
              Rule.PUBLISHED_MIXTURES,
              Rule.NO_TRANSFORM_WHEN_SPLIT),
          known(
              "sglang",
              "0",
              "0",
              "0",
              Rule.FUSED_SCALES_EQUAL,
              Rule.NO_SPARSITY_CONTENT,
              Rule.NO_STORED_ACT_ORDER,
              Rule.STRICT_ARGUMENTS,
              Rule.MODELOPT_KEYS),
          known("trtllm", "0", "0", "0", Rule.FUSED_SCALES_EQUAL, Rule.MODELOPT_KEYS),
          known(
              "transformers",
              "4.51",
              "4.51",
              "5.18",
              Rule.STATUS_COMPRESSED,
              Rule.STRICT_ARGUMENTS,
              Rule.FORMAT_METADATA,
              Rule.NO_SPLIT),
          known(
              "transformers",
              "4.51",
              "5",
              "5.18",
              Rule.STATUS_COMPRESSED,
              Rule.STRICT_ARGUMENTS,
              Rule.NO_SPLIT),
          known(
              "mlx-lm",
              "0.32",
              "0.32",
              "0.32",
              Rule.MODEL_FILE_NAMES,
              Rule.NO_STRAY_TENSORS,
              Rule.NO_SPLIT),
          known("llama.cpp", "0.5", "0.5", "0.5", Rule.NO_SPLIT),
          known("marlin", "0", "0", "0", Rule.NO_SPLIT));

  private static Known known(
      String target, String oldest, String since, String newest, Rule... rules) {
    return new Known(
        target,
        Version.of(oldest),
        Version.of(since),
        Version.of(newest),
        Set.copyOf(EnumSet.copyOf(List.of(rules))));
  }

  /// Names of the programs, each once.
  public static List<String> targets() {
    return ALL.stream().map(Known::target).distinct().toList();
  }

  /// Whether it insists on something.
  public boolean asks(Rule rule) {
    return rules.contains(rule);
  }
}
