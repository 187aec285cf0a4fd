package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.quant.plan.Resources;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Collects the reasons why a conversion must not run, one for each cause and not one for each
/// module.
final class Refusals {
  private static final long SHARD_OVERHEAD = 1L << 20;
  private static final int NAMES = 3;

  private record Cause(ErrorCode code, String what, String hint) {}

  private final ConvertRequest request;
  private final Map<Cause, List<String>> causes = new LinkedHashMap<>();

  Refusals(ConvertRequest request) {
    this.request = request;
  }

  /// A module that would be rounded; refused unless the user allows it and its size fits.
  ///
  /// @return whether it may be
  boolean rounding(WeightSource w, Packing target) {
    Optional<MarlinException> misfit = Candidates.misfit(target, w.rows(), w.cols());
    if (misfit.isPresent()) {
      MarlinException e = misfit.get();
      add(
          new Cause(
              ErrorCode.NOT_DIVISIBLE,
              e.getMessage(),
              "Choose another --scheme, or --dequantize for a dense output."),
          w.stem());
      return false;
    }
    if (!request.allowLossy()) {
      String what =
          w.module().isPresent()
              ? "%s has no layout that holds %s without changing weights"
                      .formatted(request.to().name(), w.layout())
                  + (w.module().filter(ExactFit::ordered).isPresent()
                      ? ", whose groups are in the order of activation (g_idx)"
                      : "")
              : "rounding %s weights to %s loses".formatted(w.layout(), target.name());
      add(
          new Cause(
              ErrorCode.TARGET_CANNOT,
              what,
              "Give --allow-lossy to round to %s%s, --scheme to choose another, or --dequantize for a dense output."
                  .formatted(target.name(), request.scheme().isEmpty() ? ", the nearest" : "")),
          w.stem());
      return false;
    }
    return true;
  }

  /// A packed embedding where the target has dense ones only.
  void embedding(WeightSource w, DType type) {
    boolean exact = w.module().isPresent() && holds(type, w.module().get().packing().scheme());
    if (!request.allowLossy() && !exact) {
      add(
          new Cause(
              ErrorCode.TARGET_CANNOT,
              "%s packs no embeddings, and %s may not hold %s exactly"
                  .formatted(request.to().name(), type, w.layout()),
              "Give --allow-lossy to store them in %s, or --dtype f32, which is exact."
                  .formatted(type)),
          w.stem());
    }
  }

  /// Whether a dense type has every weight of a grid: the significands of element and scale
  /// together fit into its own, and so do the exponents.
  private static boolean holds(DType type, Scheme scheme) {
    boolean small = scheme.equals(Nvfp4Scheme.SINGLE_LEVEL);
    boolean powers = scheme.equals(FloatScheme.MXFP4) && type == DType.BF16;
    return type == DType.F32 || small || powers;
  }

  /// A packed module that the model stores transposed as long as it is dense (GPT-2's Conv1D).
  void transposed(String module) {
    add(
        new Cause(
            ErrorCode.TARGET_CANNOT,
            "is a transposed matrix, which %s has no packed form for, and no dense one made of packed weights"
                .formatted(request.to().name()),
            "Use --to gguf, gptq or marlin."),
        module);
  }

  /// A module that no layout of the target fits.
  void nothing(WeightSource w) {
    add(
        new Cause(
            ErrorCode.TARGET_CANNOT,
            "%s has no layout for %s with %d columns"
                .formatted(request.to().name(), w.layout(), w.cols()),
            "Choose another --to, or --dequantize for a dense output."),
        w.stem());
  }

  private void add(Cause cause, String module) {
    causes.computeIfAbsent(cause, c -> new ArrayList<>()).add(module);
  }

  List<MarlinException> all() {
    List<MarlinException> out = new ArrayList<>();
    causes.forEach((cause, modules) -> {
      String others =
          modules.size() == 1
              ? ""
              : " (so it is with %d more modules: %s%s)"
                  .formatted(
                      modules.size() - 1,
                      String.join(", ", modules.subList(1, Math.min(1 + NAMES, modules.size()))),
                      modules.size() > 1 + NAMES ? ", ..." : "");
      out.add(
          new MarlinException(
              cause.code(), modules.getFirst(), cause.what() + others, cause.hint()));
    });
    return out;
  }

  /// An output whose configuration says that it is quantized, without one packed module.
  static Optional<MarlinException> unpacked(
      ConvertSource source,
      ConvertRequest request,
      List<ConvertStep> steps,
      Map<String, ObjectNode> documents) {
    ObjectNode config = documents.get("config.json");
    boolean packs =
        steps.stream()
            .anyMatch(s -> s instanceof ConvertStep.Repack || s instanceof ConvertStep.Requantize);
    return packs || config == null || !config.has("quantization_config")
        ? Optional.empty()
        : Optional.of(
            new MarlinException(
                ErrorCode.TARGET_CANNOT,
                source.path().toString(),
                "has no packed weights, and without a scheme %s would be the same dense ones under a configuration that calls them quantized"
                    .formatted(request.to().name()),
                "Give --scheme (with --allow-lossy), quantize with marlin quantize, or keep it dense with --to hf, mlx or gguf."));
  }

  /// Disk and permissions.
  static List<MarlinException> output(List<ConvertStep> steps, Path output) {
    long bytes = steps.stream().mapToLong(ConvertStep::outputBytes).sum();
    long shards = bytes / ConvertJob.MAX_SHARD + 1;
    return Resources.diskRefusals(bytes + shards * SHARD_OVERHEAD, output);
  }
}
