package io.metalmarlin.cli.view;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.cli.out.Json;
import io.metalmarlin.cli.out.Table;
import io.metalmarlin.quant.verify.WeightError;
import io.metalmarlin.runtime.eval.EvalResult;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// How far a checkpoint is from a reference, for machines and people.
///
/// @param errors of all matrices, largest first
/// @param textName what the measured text was called, null when nothing was measured
/// @param measured null when nothing was measured
/// @param reason why nothing was measured; empty when it was
public record ComparedWith(
    Path reference,
    List<WeightError> errors,
    @Nullable String textName,
    @Nullable EvalResult measured,
    String reason) {
  private static final int WORST = 10;

  /// Only the weights were compared.
  public static ComparedWith weights(Path reference, List<WeightError> errors, String reason) {
    return new ComparedWith(reference, errors, null, null, reason);
  }

  /// Both were run on a text as well.
  public static ComparedWith measured(
      Path reference, List<WeightError> errors, String text, EvalResult result) {
    return new ComparedWith(reference, errors, text, result, "");
  }

  ObjectNode json() {
    ObjectNode n = Json.object();
    n.put("reference", reference.toString());
    n.put("matrices", errors.size());
    ArrayNode worst = n.putArray("worst");
    for (WeightError e : errors.stream().limit(WORST).toList()) {
      ObjectNode o = worst.addObject();
      o.put("module", e.module());
      o.put("scheme", e.scheme());
      o.put("bits", e.bits());
      Json.number(o, "relative_error", e.relative(), "sizes differ, or the reference is zero");
    }
    if (measured == null || textName == null) {
      Json.missing(n, "measured", reason);
    } else {
      n.set("measured", EvaluationView.json(measured, textName));
    }
    return n;
  }

  String text() {
    Table t = new Table("worst of " + errors.size(), "scheme", ">relative error");
    for (WeightError e : errors.stream().limit(WORST).toList()) {
      t.row(e.module(), e.scheme(), Figures.fixed(e.relative(), 4));
    }
    String run =
        measured == null || textName == null
            ? "not run: " + reason + "\n"
            : EvaluationView.text(measured, textName);
    return "\nagainst " + reference + "\n" + t.text() + "\n" + run;
  }
}
