package io.metalmarlin.cli.view;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.cli.out.Json;
import io.metalmarlin.cli.out.Table;
import io.metalmarlin.quant.convert.ConvertPlan;
import io.metalmarlin.quant.convert.ConvertResult;
import io.metalmarlin.quant.convert.TensorReport;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A finished conversion: what was carried over exactly, what was rounded and how much it lost.
public final class ConvertView {
  private static final int WORST = 10;

  private ConvertView() {}

  static ObjectNode head(ConvertPlan plan) {
    ObjectNode n = Json.object();
    n.put("output", plan.output().toString());
    n.put("from", plan.source().dialect().name());
    n.put("to", plan.request().to().name());
    n.put("source_bytes", plan.sourceBytes());
    n.put("output_bytes", plan.outputBytes());
    return n;
  }

  /// The result with every tensor.
  public static ObjectNode json(ConvertPlan plan, ConvertResult r) {
    ObjectNode n = head(plan);
    n.put("seconds", r.seconds());
    n.put("resumed_batches", r.resumedBatches());
    n.put("lossless", r.lossy().isEmpty());
    n.put("tensor_scale_ulps", r.ulps());
    ObjectNode actions = n.putObject("actions");
    counts(r).forEach(actions::put);
    ArrayNode worst = n.putArray("worst");
    r.lossy().stream().limit(WORST).forEach(t -> worst.add(tensor(t)));
    ArrayNode tensors = n.putArray("tensors");
    r.tensors().forEach(t -> tensors.add(tensor(t)));
    plan.dropped().forEach(n.putArray("dropped")::add);
    return n;
  }

  private static ObjectNode tensor(TensorReport t) {
    ObjectNode n = Json.object();
    n.put("name", t.name());
    n.put("action", t.action());
    n.put("from", t.from());
    n.put("to", t.to());
    n.put("lossless", t.lossless());
    n.put("ulps", t.ulps());
    Json.number(n, "relative_error", t.relativeError(), "the source is zero, the output is not");
    return n;
  }

  private static Map<String, Long> counts(ConvertResult r) {
    return r.tensors().stream()
        .collect(Collectors.groupingBy(TensorReport::action, TreeMap::new, Collectors.counting()));
  }

  /// The same for people.
  public static String text(ConvertPlan plan, ConvertResult r) {
    StringBuilder s = new StringBuilder();
    s.append("%s%n".formatted(r.output()));
    s.append(
        "  %s -> %s, %s -> %s, %s, %s/s%s%n"
            .formatted(
                plan.source().dialect().name(),
                plan.request().to().name(),
                Figures.bytes(plan.sourceBytes()),
                Figures.bytes(plan.outputBytes()),
                Figures.seconds(r.seconds()),
                Figures.bytes((long) (plan.sourceBytes() / Math.max(1e-9, r.seconds()))),
                r.resumedBatches() > 0
                    ? ", %d batches from an earlier run".formatted(r.resumedBatches())
                    : ""));
    s.append(
        "  %s%n"
            .formatted(
                counts(r).entrySet().stream()
                    .map(e -> e.getValue() + " " + e.getKey())
                    .collect(Collectors.joining(", "))));
    if (!plan.dropped().isEmpty()) {
      s.append("  %d dropped (report.json names them)%n".formatted(plan.dropped().size()));
    }
    List<TensorReport> lossy = r.lossy();
    if (!lossy.isEmpty()) {
      Table t = new Table("largest errors", "from", "to", ">relative error");
      lossy.stream()
          .limit(WORST)
          .forEach(x -> t.row(x.name(), x.from(), x.to(), error(x.relativeError())));
      s.append('\n').append(t.text());
    }
    return s.append(verdict(r)).toString();
  }

  private static String verdict(ConvertResult r) {
    int all = r.tensors().size();
    if (!r.lossy().isEmpty()) {
      return "lossy: %d of %d tensors rounded%n".formatted(r.lossy().size(), all);
    }
    return r.ulps() == 0
        ? "lossless: %d of %d tensors%n".formatted(all, all)
        : "lossless: %d of %d tensors; tensor scales as reciprocals, weights within %d ulp of fp32%n"
            .formatted(all, all, r.ulps());
  }

  private static String error(double e) {
    return Double.isFinite(e) ? String.format(Locale.ROOT, "%.3g", e) : Figures.NONE;
  }
}
