package io.metalmarlin.quant.job;

import io.metalmarlin.quant.Version;
import io.metalmarlin.quant.calibrate.CalibrationSet;
import io.metalmarlin.quant.plan.Plan;
import io.metalmarlin.quant.plan.Step;
import io.metalmarlin.runtime.blas.OpenBlas;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `report.json`: what happened to every weight, what was measured, and on which machine. The only
/// output file that holds times, so all others repeat byte for byte.
final class ReportJson {
  private static final JsonMapper JSON = JsonMapper.shared();

  /// Names what is in the file; keys are only added within a major version.
  static final String SCHEMA = "marlin.quantize-report/1";

  private ReportJson() {}

  static ObjectNode of(Plan plan, JobResult result, JobOptions options) {
    ObjectNode report = JSON.createObjectNode();
    report.put("schema", SCHEMA);
    report.put("source", options.sourceName());
    options.command().forEach(report.putArray("command")::add);
    report.set("recipe", JSON.valueToTree(plan.recipe()));
    report.put("bits_per_weight", result.bitsPerWeight());
    report.put("source_bytes", plan.sourceBytes());
    report.put("output_bytes", result.outputBytes());
    report.put("seconds", result.seconds());
    report.put("resumed_blocks", result.resumedBlocks());
    plan.importance().ifPresent(i -> report.set("imatrix", ImportanceJson.of(i.file())));
    plan.calibration().ifPresent(c -> report.set("calibration", calibration(c)));
    if (options.allocation() != null) {
      report.set("allocation", options.allocation());
    }
    Prediction.of(result, Optional.ofNullable(options.allocation()))
        .ifPresent(p -> report.set("prediction", p.json()));
    report.set("warnings", JSON.valueToTree(plan.warnings()));
    report.set("layers", layers(plan, result));
    report.set("kept", kept(plan));
    // The proof runs with inputs in full precision, whatever a server does to them.
    report.put("measured_activations", "full precision");
    result.proof().ifPresent(p -> report.set("proof", JSON.valueToTree(p)));
    ObjectNode environment = report.putObject("environment");
    environment.put("marlin", Version.current());
    environment.put("java", Runtime.version().toString());
    environment.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    environment.put("blas", OpenBlas.config());
    environment.put("blas_core", OpenBlas.coreName());
    return report;
  }

  private static ObjectNode calibration(CalibrationSet c) {
    ObjectNode n = JSON.createObjectNode();
    n.put("dataset", c.dataset());
    n.put("samples", c.samples());
    n.put("seq_len", c.seqLen());
    n.put("sha256", c.sha256());
    return n;
  }

  /// What happened to each weight, and the room it takes before and after.
  private static ArrayNode layers(Plan plan, JobResult result) {
    Map<String, Step.Quantize> steps =
        plan.quantized().stream().collect(Collectors.toMap(Step.Quantize::name, s -> s));
    ArrayNode layers = JSON.createArrayNode();
    for (LayerReport r : result.layers()) {
      Step.Quantize step = Objects.requireNonNull(steps.get(r.module()), r.module());
      ObjectNode n = JSON.valueToTree(r);
      n.put("sourceType", step.source().dtype().name());
      n.put("sourceBytes", step.sourceBytes());
      n.put("outputBytes", step.outputBytes());
      layers.add(n);
    }
    return layers;
  }

  /// The tensors that are copied as they are.
  private static ArrayNode kept(Plan plan) {
    ArrayNode kept = JSON.createArrayNode();
    for (Step s : plan.steps()) {
      if (s instanceof Step.Keep k) {
        ObjectNode n = kept.addObject();
        n.put("name", k.name());
        n.put("type", k.tensor().dtype().name());
        n.put("elements", k.tensor().elements());
        n.put("bytes", k.outputBytes());
        n.put("reason", k.reason());
      }
    }
    return kept;
  }
}
