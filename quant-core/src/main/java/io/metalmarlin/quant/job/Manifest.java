package io.metalmarlin.quant.job;

import io.metalmarlin.quant.Version;
import io.metalmarlin.quant.plan.Plan;
import java.nio.file.Path;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `marlin-manifest.json`: which bytes went in, which came out, and every choice between. Holds no
/// time and no path of the machine.
final class Manifest {
  private static final JsonMapper JSON = JsonMapper.shared();

  private Manifest() {}

  static ObjectNode of(Plan plan, JobResult result, Path folder) {
    ObjectNode m = JSON.createObjectNode();
    m.put("schema", "marlin.manifest/1");
    m.put("marlin", Version.current());
    ManifestFiles.list(m.putArray("source"), plan.source().files());
    m.put("recipe_file", OutputFiles.RECIPE);
    m.set("recipe", JSON.valueToTree(plan.recipe()));
    plan.calibration().ifPresent(c -> m.put("calibration_sha256", c.sha256()));
    plan.importance().ifPresent(i -> m.set("imatrix", ImportanceJson.of(i.file())));
    ArrayNode weights = m.putArray("weights");
    for (LayerReport r : result.layers()) {
      ObjectNode w = weights.addObject();
      w.put("module", r.module());
      w.put("scheme", r.scheme());
      w.put("method", r.method());
      w.put("bits_per_weight", r.bitsPerWeight());
      w.put("sparsity", r.sparsity());
      w.put("relative_error", r.relativeError());
      w.put("relative_hessian_error", r.relativeHessianError());
      w.put("calibration_tokens", r.calibrationTokens());
      w.put("own_share", r.ownShare());
      w.put("fallback", r.fallback());
      w.put("damping", r.damping());
      w.put("damping_retries", r.dampingRetries());
      w.put("drift", r.drift());
      w.put("dead_columns", r.deadColumns());
    }
    m.set("fallbacks", JSON.valueToTree(plan.fallbacks()));
    ManifestFiles.list(m.putArray("output"), ManifestFiles.outputs(folder));
    return m;
  }
}
