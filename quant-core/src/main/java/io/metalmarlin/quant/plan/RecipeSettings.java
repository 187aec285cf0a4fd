package io.metalmarlin.quant.plan;

import io.metalmarlin.quant.solve.Full;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.SequencedMap;

/// A resolved [Recipe] under the names of the flags, for a recipe file and a job's fingerprint.
/// What has no effect on this scheme and method is absent, because as a flag it would be refused.
public final class RecipeSettings {
  private RecipeSettings() {}

  /// Values are texts, numbers or lists of texts, as the flags take them; in the order of the
  /// flags. Resolving them gives an equal recipe.
  public static SequencedMap<String, Object> of(Recipe r) {
    boolean blocks = BlockMixes.type(r.scheme()).isPresent();
    boolean calibrated = r.samples() > 0;
    boolean feedback = calibrated && (!blocks || r.method().equals(new Full().name()));
    SequencedMap<String, Object> s = new LinkedHashMap<>();
    s.put("scheme", r.scheme());
    if (r.groupSize() != 0) {
      s.put("group_size", r.groupSize() == Recipe.CHANNEL ? "channel" : r.groupSize());
    }
    s.put("sparsity", r.sparsity() == null ? "none" : "2:4");
    if (r.sparsity() != null) {
      s.put("sparsity_method", lower(r.sparsity()));
    }
    s.put("method", r.method());
    s.put("target", r.target());
    if (!blocks && r.scales() != ScaleRule.SPREAD) {
      s.put("scales", lower(r.scales()));
    }
    s.put("transform", r.transform());
    if (feedback) {
      s.put("damp", r.damping());
      s.put("shrink", r.shrink());
      if (!blocks) {
        s.put("order", lower(r.order()));
      }
      s.put("refine", r.refine());
    }
    if (calibrated) {
      s.put("drift", r.drift());
      s.put("fold", r.fold());
      s.put("dataset", r.dataset());
      s.put("samples", r.samples());
      s.put("seq_len", r.seqLen());
    }
    if (!r.imatrix().isEmpty()) {
      s.put("imatrix", r.imatrix());
    }
    s.put("ignore", r.ignore());
    s.put("override", r.rules().stream().map(SchemeRule::text).toList());
    s.put("seed", r.seed());
    return s;
  }

  private static String lower(Enum<?> e) {
    return e.name().toLowerCase(Locale.ROOT);
  }
}
