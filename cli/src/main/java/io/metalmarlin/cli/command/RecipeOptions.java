package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.cli.recipe.InRecipe;
import io.metalmarlin.quant.plan.Recipe;
import io.metalmarlin.quant.plan.RecipeRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The flags that choose the output's bytes; they become a [RecipeRequest]. What is not given is
/// null and decided by method, target and model.
@InRecipe(saved = false)
final class RecipeOptions {
  @Option(
      names = "--scheme",
      paramLabel = "NAME",
      description = {
        "NVFP4A16, NVFP4, W4A16, W4A16_ASYM, W8A16, W6A16, W3A16, W2A16, CB4A16, CB3A16, CB2A16,",
        "T4A16, T3A16, T2A16, MXFP4A16, MXFP4, MXFP8A16, MXFP8, FP8, FP8_DYNAMIC or FP8_BLOCK (NVFP4A16); with",
        "--target llama.cpp also its block types and mixes, for example Q4_K, IQ4_XS or Q4_K_M; with",
        "--target mlx-lm its mixes mixed_2_6, mixed_3_4, mixed_3_6 and mixed_4_6."
      })
  @Nullable String scheme;

  @Option(
      names = "--group-size",
      paramLabel = "N",
      description =
          "Columns that share a scale in schemes of integers, or channel (128; 64 for mlx-lm).")
  @Nullable String groupSize;

  @Option(
      names = "--sparsity",
      paramLabel = "PATTERN",
      description = {
        "none, or 2:4: two of four weights become zero; experimental, only marlin run loads it,",
        "needs --target marlin (none)."
      })
  @Nullable String sparsity;

  @Option(
      names = "--sparsity-method",
      paramLabel = "NAME",
      description = "sparsegpt, wanda or magnitude (sparsegpt; magnitude with --method rtn).")
  @Nullable String sparsityMethod;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      description = {
        "rtn, gptq, mr-gptq or full (full; mr-gptq with --sparsity 2:4 or --order act); for block types",
        "of llama.cpp rtn, imatrix or full (imatrix with --imatrix, rtn where full cannot)."
      })
  @Nullable String method;

  @Option(
      names = "--target",
      paramLabel = "NAME",
      description =
          "Loader: vllm, transformers, trtllm, mlx-lm, gptq, awq, llama.cpp or marlin (vllm).")
  @Nullable String target;

  @Option(
      names = "--scales",
      paramLabel = "RULE",
      description = {
        "Group scales: absmax (bytes as other tools write), mse, or replay: tried with the feedback",
        "inside the group (mse; replay with --method full)."
      })
  @Nullable String scales;

  @Option(
      names = "--transform",
      paramLabel = "NAME",
      description = {
        "Rotation of linear inputs: none, had16, had32, each (what wins at each input), or auto:",
        "the widest where the target runs it and the method gains by it (auto).",
      })
  @Nullable String transform;

  @Option(
      names = "--damp",
      paramLabel = "X",
      description = "Damping relative to the mean diagonal of the Hessian, or auto (auto).")
  @Nullable String damp;

  @Option(
      names = "--shrink",
      paramLabel = "X",
      description =
          "Damping of each diagonal entry of the Hessian relative to itself (0; 0.1 with full).")
  @Nullable Double shrink;

  @Option(
      names = "--order",
      paramLabel = "NAME",
      description = {
        "Column order of error feedback: act, natural, or gar, which keeps groups together (act; gar",
        "with --method full)."
      })
  @Nullable String order;

  @Option(
      names = "--refine",
      paramLabel = "N",
      description =
          "Cycles of coordinate descent and scale refit behind error feedback (0; 4 with full).")
  @Nullable Integer refine;

  @Option(
      names = "--drift",
      paramLabel = "SHARE",
      description = {
        "How much of what earlier weights did to an input a weight makes up for: none, a share from",
        "0 to 1, or auto, which chooses for each input by text kept back (auto with --method full)."
      })
  @Nullable String drift;

  @Option(
      names = "--fold",
      paramLabel = "NAME",
      description = {
        "Changes of scale that the weights before an input take over: none, or auto, which chooses",
        "for each input by text kept back (none; auto with --method full)."
      })
  @Nullable String fold;

  @Option(
      names = "--dataset",
      paramLabel = "SOURCE",
      description =
          "Calibration text: a file (.txt, .jsonl) or embedded:NAME (embedded:calibration).")
  @Nullable String dataset;

  @Option(names = "--samples", paramLabel = "N", description = "Calibration windows (32).")
  @Nullable Integer samples;

  @Option(
      names = "--seq-len",
      paramLabel = "N",
      description = "Tokens of one calibration window (2048, or the model's context if shorter).")
  @Nullable Integer seqLen;

  @Option(
      names = "--imatrix",
      paramLabel = "FILE",
      description =
          "Importance of columns, as llama-imatrix writes it (.gguf or .dat), instead of calibrating.")
  @Nullable Path imatrix;

  @Option(
      names = "--ignore",
      paramLabel = "PATTERN",
      description = {
        "Keep matching modules in their source type: an exact name, or re: and a regular",
        "expression for its beginning. Repeat the flag for more. Head, embedding and norms are",
        "always kept."
      })
  List<String> ignore = new ArrayList<>();

  @Option(
      names = "--override",
      paramLabel = "PATTERN=SCHEME",
      description = {
        "Another scheme for matching modules (patterns as with --ignore): a name, with its group as",
        "in W8A16-G64, a block type, or source to keep them. Repeat the flag; the last match wins."
      })
  List<String> overrides = new ArrayList<>();

  @Option(names = "--seed", paramLabel = "N", description = "Chooses the calibration windows (0).")
  long seed;

  /// @throws io.metalmarlin.formats.MarlinException `BAD_FLAG` for a damping or group size that is
  ///   no number
  RecipeRequest request() {
    return new RecipeRequest(
        Optional.ofNullable(scheme),
        groupSize(),
        Optional.ofNullable(sparsity),
        Optional.ofNullable(sparsityMethod),
        Optional.ofNullable(method),
        Optional.ofNullable(target),
        Optional.ofNullable(scales),
        Optional.ofNullable(transform),
        damping(),
        shrink == null ? OptionalDouble.empty() : OptionalDouble.of(shrink),
        Optional.ofNullable(order),
        refine == null ? OptionalInt.empty() : OptionalInt.of(refine),
        Optional.ofNullable(drift),
        Optional.ofNullable(fold),
        Optional.ofNullable(dataset),
        samples == null ? OptionalInt.empty() : OptionalInt.of(samples),
        seqLen == null ? OptionalInt.empty() : OptionalInt.of(seqLen),
        Optional.ofNullable(imatrix),
        ignore,
        overrides,
        seed);
  }

  private OptionalInt groupSize() {
    if (groupSize == null) {
      return OptionalInt.empty();
    }
    if (groupSize.equalsIgnoreCase("channel")) {
      return OptionalInt.of(Recipe.CHANNEL);
    }
    try {
      return OptionalInt.of(Integer.parseInt(groupSize));
    } catch (NumberFormatException e) {
      throw UsageErrors.badValue("--group-size", groupSize, "is neither a number nor channel");
    }
  }

  private OptionalDouble damping() {
    if (damp == null || damp.equalsIgnoreCase("auto")) {
      return OptionalDouble.empty();
    }
    try {
      return OptionalDouble.of(Double.parseDouble(damp));
    } catch (NumberFormatException e) {
      throw UsageErrors.badValue("--damp", damp, "is neither a number nor auto");
    }
  }
}
