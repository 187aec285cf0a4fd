package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.importance.ImportanceFile;
import io.metalmarlin.formats.importance.ModuleImportance;
import io.metalmarlin.formats.scheme.BlockPacking;
import io.metalmarlin.quant.plan.BlockTypes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What `--imatrix` means for a plan: which steps use it, and which lack an entry.
final class ImportancePlan {
  private ImportancePlan() {}

  /// The importance of the modules that are rounded to a type that uses one.
  ///
  /// @param warnings gets one for each of them without an entry, and for each entry that no token
  ///   reached
  /// @param refusals gets one where no step uses the file
  static Optional<ModuleImportance> of(
      ConvertSource source,
      ConvertRequest request,
      List<ConvertStep> steps,
      List<ConvertPlan.Warning> warnings,
      List<MarlinException> refusals) {
    if (request.importance().isEmpty()) {
      return Optional.empty();
    }
    ImportanceFile file = request.importance().get();
    List<ConvertStep.Requantize> rounded = new ArrayList<>();
    for (ConvertStep s : steps) {
      if (s instanceof ConvertStep.Requantize r
          && r.target() instanceof BlockPacking b
          && BlockTypes.usesImportance(b.type())) {
        rounded.add(r);
      }
    }
    if (rounded.isEmpty()) {
      if (refusals.isEmpty()) {
        refusals.add(
            new MarlinException(
                ErrorCode.BAD_FLAG,
                "--imatrix " + file.path(),
                "has no effect: no matrix is rounded to a type that uses an importance",
                "Give --to gguf, --allow-lossy and --scheme Q4_K or another type that uses it, or"
                    + " leave --imatrix out."));
      }
      return Optional.empty();
    }
    ModuleImportance importance = new ModuleImportance(file, source.config(), modules(steps));
    // The experts of one stack have one entry, and one warning.
    Map<String, ConvertPlan.Warning> found = new LinkedHashMap<>();
    rounded.forEach(r ->
        warning(importance, r.name(), r.source().cols())
            .ifPresent(w -> found.putIfAbsent(importance.tensor(r.name()).orElse(r.name()), w)));
    warnings.addAll(found.values());
    return Optional.of(importance);
  }

  private static Set<String> modules(List<ConvertStep> steps) {
    return steps.stream()
        .map(s -> s.name().replaceFirst("\\.weight$", ""))
        .collect(Collectors.toSet());
  }

  private static Optional<ConvertPlan.Warning> warning(
      ModuleImportance importance, String module, int cols) {
    if (importance.columns(module, cols).isEmpty()) {
      return Optional.of(
          new ConvertPlan.Warning(
              "W304",
              module,
              "has no importance (%s): all its columns count alike"
                  .formatted(importance.tensor(module).orElse("no name in GGUF"))));
    }
    return importance
        .entry(module)
        .filter(e -> e.unseen() > 0)
        .map(e ->
            new ConvertPlan.Warning(
                "W305",
                module,
                "%s: no token reached %d of its matrices when the importance was computed"
                    .formatted(e.tensor(), e.unseen())));
  }
}
