package io.metalmarlin.cli.view;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.cli.out.Json;
import io.metalmarlin.cli.out.Table;
import io.metalmarlin.quant.fold.Folding;
import io.metalmarlin.quant.job.JobResult;
import io.metalmarlin.quant.job.LayerReport;
import io.metalmarlin.quant.job.Prediction;
import io.metalmarlin.quant.plan.Plan;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A finished [JobResult].
public final class JobView {
  private static final int WORST = 5;

  private JobView() {}

  /// @param peakMemory resident bytes at the peak, empty where the system does not say
  /// @param allocation how a budget chose the schemes; null without one
  public static ObjectNode json(
      Plan plan, JobResult r, OptionalLong peakMemory, @Nullable JsonNode allocation) {
    ObjectNode n = Json.object();
    n.put("output", r.output().toString());
    n.set("recipe", RecipeView.json(plan.recipe()));
    n.put("resumed_blocks", r.resumedBlocks());
    n.put("source_bytes", plan.sourceBytes());
    n.put("output_bytes", r.outputBytes());
    Json.number(n, "bits_per_weight", r.bitsPerWeight(), "no linear layer is quantized");
    n.put("seconds", r.seconds());
    peakMemory.ifPresentOrElse(
        b -> n.put("peak_memory_bytes", b),
        () -> Json.missing(n, "peak_memory_bytes", "this system does not report it"));
    r.proof()
        .ifPresentOrElse(
            p -> {
              n.set("evaluation", EvaluationView.json(p.result(), p.text()));
              n.set("gates", GateView.json(p.gates(), p.result()));
            },
            () -> {
              Json.missing(
                  n, "evaluation", "--eval-windows 0, or a family this version does not run");
              n.putArray("gates");
            });
    if (allocation != null) {
      n.set("allocation", allocation);
    }
    Prediction.of(r, Optional.ofNullable(allocation)).ifPresent(p -> n.set("prediction", p.json()));
    ArrayNode layers = n.putArray("layers");
    r.layers().forEach(l -> layers.add(layer(l)));
    return n;
  }

  private static ObjectNode layer(LayerReport l) {
    ObjectNode n = Json.object();
    n.put("module", l.module());
    n.put("scheme", l.scheme());
    n.put("method", l.method());
    n.put("rows", l.rows());
    n.put("cols", l.cols());
    n.put("bits_per_weight", l.bitsPerWeight());
    n.put("sparsity", l.sparsity());
    Json.number(n, "relative_error", l.relativeError(), "the weight is zero");
    Double hessian = l.relativeHessianError();
    Json.number(
        n, "relative_hessian_error", hessian == null ? Double.NaN : hessian, "no calibration");
    n.put("calibration_tokens", l.calibrationTokens());
    n.put("own_share", l.ownShare());
    n.put("fallback", l.fallback());
    n.put("damping", l.damping());
    n.put("damping_retries", l.dampingRetries());
    n.put("drift", l.drift());
    n.put("fold", l.fold());
    n.put("transform", l.transform());
    n.put("dead_columns", l.deadColumns());
    n.put("seconds", l.seconds());
    return n;
  }

  /// What was made and how good it is.
  public static String text(
      Plan plan, JobResult r, OptionalLong peakMemory, @Nullable JsonNode allocation) {
    StringBuilder s = new StringBuilder();
    s.append("%s%n".formatted(r.output()));
    s.append("  %s%n".formatted(RecipeView.line(plan.recipe())));
    s.append(
        "  %s -> %s, %s bits per weight, %s%s%s%n"
            .formatted(
                Figures.bytes(plan.sourceBytes()),
                Figures.bytes(r.outputBytes()),
                Figures.fixed(r.bitsPerWeight(), 3),
                Figures.seconds(r.seconds()),
                peakMemory.isPresent()
                    ? ", peak memory " + Figures.bytes(peakMemory.getAsLong())
                    : "",
                r.resumedBlocks() > 0
                    ? ", %d blocks from an earlier run".formatted(r.resumedBlocks())
                    : ""));
    r.proof()
        .ifPresent(p ->
            s.append('\n')
                .append(EvaluationView.text(p.result(), p.text()))
                .append(GateView.text(p.gates())));
    Prediction.of(r, Optional.ofNullable(allocation))
        .ifPresent(p -> s.append(AllocationView.compared(p)));
    s.append('\n').append(worst(r.layers())).append(inputs(r.layers()));
    s.append(lastLine(r.layers()));
    return s.toString();
  }

  private static String worst(List<LayerReport> layers) {
    Table t = new Table("largest errors", ">relative error", ">Hessian-weighted");
    layers.stream()
        .sorted(Comparator.comparingDouble(LayerReport::relativeError).reversed())
        .limit(WORST)
        .forEach(l -> {
          Double h = l.relativeHessianError();
          t.row(
              l.module(),
              Figures.fixed(l.relativeError(), 5),
              h == null ? Figures.NONE : Figures.fixed(h, 5));
        });
    return t.text();
  }

  private static String inputs(List<LayerReport> layers) {
    return counts(layers, LayerReport::fold, "folded into the inputs of weights: ")
        + counts(layers, LayerReport::transform, "inputs turned at run time: ");
  }

  /// Nothing where nothing was done to any.
  private static String counts(
      List<LayerReport> layers, Function<LayerReport, String> what, String title) {
    SequencedMap<String, Long> counts = new TreeMap<>();
    layers.stream()
        .map(what)
        .filter(name -> !name.equals(Folding.NONE))
        .forEach(name -> counts.merge(name, 1L, Long::sum));
    return counts.isEmpty()
        ? ""
        : counts.entrySet().stream()
            .map(e -> e.getKey() + " (" + e.getValue() + ")")
            .collect(Collectors.joining(", ", title, "\n"));
  }

  private static String lastLine(List<LayerReport> layers) {
    long raised = layers.stream().filter(l -> l.dampingRetries() > 0).count();
    long dead = layers.stream().filter(l -> l.deadColumns() > 0).count();
    return "%d weights quantized, damping raised in %d, inputs without calibration in %d%n"
        .formatted(layers.size(), raised, dead);
  }
}
