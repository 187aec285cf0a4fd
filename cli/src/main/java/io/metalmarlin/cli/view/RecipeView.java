package io.metalmarlin.cli.view;

import io.metalmarlin.cli.out.Json;
import io.metalmarlin.quant.plan.Recipe;
import io.metalmarlin.quant.plan.SchemeRule;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A resolved [Recipe].
public final class RecipeView {
  private RecipeView() {}

  public static ObjectNode json(Recipe r) {
    ObjectNode n = Json.object();
    n.put("scheme", r.scheme());
    switch (r.groupSize()) {
      case 0 -> n.putNull("group_size");
      case Recipe.CHANNEL -> n.put("group_size", "channel");
      default -> n.put("group_size", r.groupSize());
    }
    n.put("sparsity", r.sparsity() == null ? "none" : "2:4");
    n.put("sparsity_method", r.sparsity() == null ? null : lower(r.sparsity()));
    n.put("method", r.method());
    n.put("target", r.target());
    n.put("scales", lower(r.scales()));
    n.put("transform", r.transform());
    n.put("damp", r.damping());
    n.put("shrink", r.shrink());
    n.put("order", lower(r.order()));
    n.put("refine", r.refine());
    n.put("drift", r.drift());
    n.put("fold", r.fold());
    n.put("dataset", r.dataset());
    n.put("samples", r.samples());
    n.put("seq_len", r.seqLen());
    n.put("imatrix", r.imatrix());
    ArrayNode ignore = n.putArray("ignore");
    r.ignore().forEach(ignore::add);
    ArrayNode rules = n.putArray("rules");
    r.rules()
        .forEach(
            rule -> rules.addObject().put("match", rule.pattern()).put("scheme", rule.scheme()));
    n.put("seed", r.seed());
    return n;
  }

  /// One line for people.
  public static String line(Recipe r) {
    String calibration =
        r.samples() == 0
            ? (r.imatrix().isEmpty() ? "no calibration" : "importance of " + r.imatrix())
            : "%d x %d tokens of %s".formatted(r.samples(), r.seqLen(), r.dataset());
    return "%s, %s, %s scales, transform %s, for %s; %s"
        .formatted(
            r.schemeName() + group(r) + pruned(r) + ruled(r),
            r.method(),
            lower(r.scales()),
            r.transform(),
            r.target(),
            calibration);
  }

  private static String pruned(Recipe r) {
    return r.sparsity() == null ? "" : ", pruned by " + lower(r.sparsity());
  }

  private static String ruled(Recipe r) {
    List<String> schemes = r.rules().stream().map(SchemeRule::scheme).distinct().toList();
    return schemes.isEmpty() ? "" : ", some in " + String.join(", ", schemes);
  }

  private static String group(Recipe r) {
    return switch (r.groupSize()) {
      case 0 -> "";
      case Recipe.CHANNEL -> " by channel";
      default -> " in groups of " + r.groupSize();
    };
  }

  private static String lower(Enum<?> e) {
    return e.name().toLowerCase(Locale.ROOT);
  }
}
