package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.importance.Importance;
import io.metalmarlin.formats.importance.ModuleImportance;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// What an importance file lacks for the weights that use it: entries, and tokens behind them.
///
/// The experts of a layer have one entry, and one gap.
public final class ImportanceGaps {
  /// No importance for a weight whose type uses one.
  static final String MISSING = "W304";

  /// An importance that no token reached.
  static final String UNSEEN = "W305";

  private ImportanceGaps() {}

  /// @param code [#MISSING] or [#UNSEEN]
  /// @param where the first module it is about
  public record Gap(String code, String where, String message) {}

  /// @param modules that use an importance, with their columns, in running order
  public static List<Gap> of(ModuleImportance importance, SequencedMap<String, Integer> modules) {
    Map<String, List<String>> missing = new LinkedHashMap<>();
    Map<String, Gap> unseen = new LinkedHashMap<>();
    modules.forEach((module, cols) -> {
      String tensor = importance.tensor(module).orElse(module);
      if (importance.columns(module, cols).isEmpty()) {
        missing.computeIfAbsent(tensor, t -> new ArrayList<>()).add(module);
      } else {
        unseen(importance, module).ifPresent(g -> unseen.putIfAbsent(tensor, g));
      }
    });
    List<Gap> gaps = new ArrayList<>();
    missing.values().forEach(all -> gaps.add(missing(importance, all)));
    gaps.addAll(unseen.values());
    return gaps;
  }

  private static Gap missing(ModuleImportance importance, List<String> modules) {
    String module = modules.getFirst();
    String tensor = importance.tensor(module).orElse("no name in GGUF");
    String what =
        modules.size() == 1
            ? "has no importance (%s): all its columns count alike".formatted(tensor)
            : "and %d more have no importance (%s): all their columns count alike"
                .formatted(modules.size() - 1, tensor);
    return new Gap(MISSING, module, what);
  }

  private static Optional<Gap> unseen(ModuleImportance importance, String module) {
    return importance
        .entry(module)
        .filter(e -> e.unseen() > 0)
        .map(e -> new Gap(UNSEEN, module, message(e)));
  }

  private static String message(Importance e) {
    return "%s: no token reached %d of its matrices when the importance was computed"
        .formatted(e.tensor(), e.unseen());
  }
}
