package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.Dialects;
import java.util.List;
import java.util.stream.Collectors;

/// A program that must load the output, and what it asks of the files.
///
/// @param name what `--target` calls it
/// @param dialect name of the dialect it reads
/// @param maxShardBytes largest file
/// @param loads who loads it, for people
/// @param groupSize columns of a group of integers when the user does not say
/// @param conv1d whether it loads a packed matrix where the model stores a transposed one (GPT-2's
///   Conv1D, which most loaders do not take for a linear layer)
/// @param joins which matrices it holds in one
public record Target(
    String name,
    String dialect,
    long maxShardBytes,
    String loads,
    int groupSize,
    boolean conv1d,
    Joins joins) {
  private static final long FIVE_GB = 5_000_000_000L;

  public static final List<Target> ALL =
      List.of(
          new Target(
              "vllm", "compressed-tensors", FIVE_GB, "vLLM, SGLang", 128, false, Joins.FUSED),
          new Target(
              "transformers",
              "compressed-tensors",
              FIVE_GB,
              "transformers with compressed-tensors",
              128,
              false,
              Joins.FUSED),
          new Target(
              "trtllm", "modelopt", FIVE_GB, "TensorRT-LLM, vLLM, SGLang", 128, false, Joins.FUSED),
          new Target("mlx-lm", "mlx", FIVE_GB, "mlx-lm", 64, false, Joins.STACKED),
          new Target(
              "llama.cpp",
              "gguf",
              Long.MAX_VALUE,
              "llama.cpp, Ollama, LM Studio; one .gguf file",
              32,
              true,
              Joins.STACKED),
          new Target(
              "gptq",
              "gptq",
              FIVE_GB,
              "vLLM, SGLang, transformers with GPTQModel",
              128,
              true,
              Joins.FUSED),
          new Target(
              "awq",
              "awq",
              FIVE_GB,
              "vLLM, SGLang, transformers with AWQ kernels",
              128,
              false,
              Joins.FUSED),
          new Target("marlin", "marlin", FIVE_GB, "marlin run", 128, true, Joins.NONE));

  /// The target of that name.
  ///
  /// @throws MarlinException `BAD_FLAG` listing the known ones
  public static Target named(String name) {
    return ALL.stream()
        .filter(t -> t.name.equals(name))
        .findFirst()
        .orElseThrow(() ->
            new MarlinException(
                ErrorCode.BAD_FLAG,
                "--target " + name,
                "is not a target of this version",
                "Use one of "
                    + ALL.stream().map(Target::name).collect(Collectors.joining(", "))
                    + "."));
  }

  /// The dialect's implementation.
  public Dialect openDialect() {
    return Dialects.named(dialect);
  }
}
