package io.metalmarlin.quant.job;

import io.metalmarlin.quant.Version;
import io.metalmarlin.quant.plan.Plan;
import io.metalmarlin.runtime.blas.OpenBlas;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// `report.json`: what happened to every weight, what was measured, and on which machine. The only
/// output file that holds times, so all others repeat byte for byte.
final class ReportJson {
  private static final JsonMapper JSON = JsonMapper.shared();

  private ReportJson() {}

  static ObjectNode of(Plan plan, JobResult result, @Nullable JsonNode allocation) {
    ObjectNode report = JSON.createObjectNode();
    report.put("schema", "marlin.report/1");
    report.set("recipe", JSON.valueToTree(plan.recipe()));
    report.put("bits_per_weight", result.bitsPerWeight());
    report.put("source_bytes", plan.sourceBytes());
    report.put("output_bytes", result.outputBytes());
    report.put("seconds", result.seconds());
    report.put("resumed_blocks", result.resumedBlocks());
    plan.importance().ifPresent(i -> report.set("imatrix", ImportanceJson.of(i.file())));
    if (allocation != null) {
      report.set("allocation", allocation);
    }
    report.set("warnings", JSON.valueToTree(plan.warnings()));
    report.set("layers", JSON.valueToTree(result.layers()));
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
}
