package io.metalmarlin.cli.view;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.cli.out.Json;
import io.metalmarlin.quant.job.JobOptions.GateResult;
import io.metalmarlin.runtime.eval.EvalResult;
import io.metalmarlin.runtime.eval.EvalResult.Divergence;
import io.metalmarlin.runtime.eval.EvalResult.Interval;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The outcome of quality gates: `name`, `limit`, `value` (the number compared), `ci`, `pass`.
public final class GateView {
  private GateView() {}

  /// @param result what the gates were compared with; has a divergence when there are gates
  public static ArrayNode json(List<GateResult> gates, EvalResult result) {
    ArrayNode array = Json.object().putArray("gates");
    for (GateResult g : gates) {
      ObjectNode n = array.addObject();
      n.put("name", g.name());
      n.put("limit", g.limit());
      Json.number(n, "value", g.value(), "not a finite number");
      n.set("ci", EvaluationView.interval(interval(g.name(), result.divergence().orElseThrow())));
      n.put("pass", g.pass());
    }
    return array;
  }

  private static Interval interval(String gate, Divergence d) {
    return switch (gate) {
      case "max-kld" -> d.mean();
      case "min-top1" -> d.top1();
      case "max-ppl-increase" -> {
        Interval log = d.logPerplexityRatio();
        yield new Interval(Math.expm1(log.mean()), Math.expm1(log.low()), Math.expm1(log.high()));
      }
      default -> throw new IllegalStateException("unknown gate " + gate);
    };
  }

  /// One line per gate, empty without gates.
  public static String text(List<GateResult> gates) {
    StringBuilder s = new StringBuilder();
    for (GateResult g : gates) {
      s.append(
          "gate %s: %s, limit %s, %s%n"
              .formatted(
                  g.name(),
                  Figures.fixed(g.value(), 5),
                  Figures.fixed(g.limit(), 5),
                  g.pass() ? "passed" : "FAILED"));
    }
    return s.toString();
  }
}
