package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.importance.ImportanceFile;
import io.metalmarlin.formats.importance.ModuleImportance;
import io.metalmarlin.formats.scheme.BlockPacking;
import io.metalmarlin.quant.plan.BlockTypes;
import io.metalmarlin.quant.plan.ImportanceGaps;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
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
    SequencedMap<String, Integer> using = new LinkedHashMap<>();
    rounded.forEach(r -> using.put(r.name(), r.source().cols()));
    ImportanceGaps.of(importance, using)
        .forEach(g -> warnings.add(new ConvertPlan.Warning(g.code(), g.where(), g.message())));
    return Optional.of(importance);
  }

  private static Set<String> modules(List<ConvertStep> steps) {
    return steps.stream()
        .map(s -> s.name().replaceFirst("\\.weight$", ""))
        .collect(Collectors.toSet());
  }
}
