package io.metalmarlin.quant.job;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.quant.Version;
import io.metalmarlin.quant.plan.Plan;
import io.metalmarlin.quant.plan.SourceCheck;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
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
    files(m.putArray("source"), plan.source().files());
    m.set("recipe", JSON.valueToTree(plan.recipe()));
    plan.calibration().ifPresent(c -> m.put("calibration_sha256", c.sha256()));
    ArrayNode weights = m.putArray("weights");
    for (LayerReport r : result.layers()) {
      ObjectNode w = weights.addObject();
      w.put("module", r.module());
      w.put("scheme", r.scheme());
      w.put("method", r.method());
      w.put("bits_per_weight", r.bitsPerWeight());
      w.put("relative_error", r.relativeError());
      w.put("relative_hessian_error", r.relativeHessianError());
      w.put("calibration_tokens", r.calibrationTokens());
      w.put("damping", r.damping());
      w.put("damping_retries", r.dampingRetries());
      w.put("dead_columns", r.deadColumns());
    }
    m.putArray("fallbacks");
    files(m.putArray("output"), SourceCheck.digests(outputs(folder)));
    return m;
  }

  private static void files(ArrayNode array, List<SourceCheck.SourceFile> files) {
    for (SourceCheck.SourceFile f : files) {
      array.addObject().put("file", f.name()).put("bytes", f.bytes()).put("sha256", f.sha256());
    }
  }

  /// Every output file but the manifest itself and the report, which holds times.
  private static List<Path> outputs(Path folder) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
      all.forEach(found::add);
    } catch (IOException e) {
      throw new MarlinException(
          ErrorCode.OUTPUT_UNWRITABLE,
          folder.toString(),
          "cannot be listed: " + e.getMessage(),
          "Check the folder's permissions.",
          e);
    }
    found.removeIf(p -> p.endsWith("marlin-manifest.json") || p.endsWith("report.json"));
    found.sort(Comparator.naturalOrder());
    return found;
  }
}
