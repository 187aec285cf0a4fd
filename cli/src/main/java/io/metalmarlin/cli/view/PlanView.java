package io.metalmarlin.cli.view;

import io.metalmarlin.cli.out.Envelope;
import io.metalmarlin.cli.out.Failure;
import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.cli.out.Json;
import io.metalmarlin.cli.out.Table;
import io.metalmarlin.cli.recipe.Setting;
import io.metalmarlin.quant.plan.Estimate;
import io.metalmarlin.quant.plan.Plan;
import io.metalmarlin.quant.plan.Step;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A [Plan]: every tensor, its scheme, its size before and after; memory, disk and time; every
/// refusal.
public final class PlanView {
  private PlanView() {}

  /// @param settings of the run, with who decided each
  /// @param refusals every reason not to run, the plan's and the output folder's
  public static ObjectNode json(Plan p, List<Setting> settings, List<Failure> refusals) {
    ObjectNode n = Json.object();
    n.put("output", p.output().toString());
    n.set("recipe", RecipeView.json(p.recipe()));
    n.set("settings", SettingView.json(settings));
    n.put("source_bytes", p.sourceBytes());
    n.put("output_bytes", p.outputBytes());
    Json.number(n, "bits_per_weight", p.bitsPerWeight(), "no linear layer is quantized");
    n.set("estimate", estimate(p.estimate()));
    ArrayNode tensors = n.putArray("tensors");
    for (Step s : p.steps()) {
      ObjectNode t = tensors.addObject();
      t.put("name", s.name());
      t.put("source_bytes", s.sourceBytes());
      t.put("output_bytes", s.outputBytes());
      switch (s) {
        case Step.Keep k -> {
          t.put("action", "keep");
          t.put("dtype", k.tensor().dtype().name());
          k.tensor().shape().forEach(t.putArray("shape")::add);
          t.put("reason", k.reason());
        }
        case Step.Quantize q -> {
          t.put("action", "quantize");
          t.put("dtype", q.source().dtype().name());
          q.source().shape().forEach(t.putArray("shape")::add);
          t.put("scheme", q.scheme());
          t.put("packing", q.packing().name());
          t.put("bits_per_weight", q.bitsPerWeight());
        }
      }
    }
    ArrayNode list = n.putArray("refusals");
    refusals.forEach(f -> list.add(Envelope.error(f)));
    return n;
  }

  private static ObjectNode estimate(Estimate e) {
    ObjectNode n = Json.object();
    n.put("peak_memory_bytes", e.peakMemoryBytes());
    n.put("disk_bytes", e.diskBytes());
    Json.number(n, "seconds", e.seconds(), "no rate could be measured");
    n.put("flops", e.flops());
    Json.number(
        n, "measured_flops_per_second", e.measuredFlopsPerSecond(), "no rate could be measured");
    return n;
  }

  /// Table of tensors, table of settings and a summary.
  public static String text(Plan p, List<Setting> settings) {
    Table t = new Table("tensor", "shape", "dtype", "scheme", ">before", ">after", "note");
    for (Step s : p.steps()) {
      String before = Figures.bytes(s.sourceBytes());
      String after = Figures.bytes(s.outputBytes());
      switch (s) {
        case Step.Keep k ->
            t.row(
                k.name(),
                shape(k.tensor().shape()),
                k.tensor().dtype().name(),
                "kept",
                before,
                after,
                k.reason());
        case Step.Quantize q ->
            t.row(
                q.name() + ".weight",
                shape(q.source().shape()),
                q.source().dtype().name(),
                q.scheme(),
                before,
                after,
                Figures.fixed(q.bitsPerWeight(), 3) + " bits per weight");
      }
    }
    Estimate e = p.estimate();
    return t.text()
        + "\n"
        + SettingView.text(settings)
        + "\n"
        + ("recipe       %s%n".formatted(RecipeView.line(p.recipe())))
        + ("output       %s%n".formatted(p.output()))
        + ("size         %s -> %s, %s bits per weight over %d quantized weights%n"
            .formatted(
                Figures.bytes(p.sourceBytes()),
                Figures.bytes(p.outputBytes()),
                Figures.fixed(p.bitsPerWeight(), 3),
                p.quantized().size()))
        + ("peak memory  %s%n".formatted(Figures.bytes(e.peakMemoryBytes())))
        + ("disk         %s%n".formatted(Figures.bytes(e.diskBytes())))
        + ("time         about %s (estimate)%n".formatted(Figures.seconds(e.seconds())));
  }

  static String shape(List<Long> shape) {
    return shape.isEmpty()
        ? "scalar"
        : shape.stream().map(String::valueOf).collect(Collectors.joining("x"));
  }
}
