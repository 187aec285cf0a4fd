package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.model.gguf.GgufTokenizer;
import io.metalmarlin.quant.Version;
import io.metalmarlin.quant.job.ImportanceJson;
import io.metalmarlin.quant.job.JsonText;
import io.metalmarlin.quant.job.ManifestFiles;
import io.metalmarlin.quant.job.OutputFolder;
import io.metalmarlin.quant.plan.SourceCheck;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The files of a converted output beside the tensors: configuration, what is carried over, and
/// what is said about the run.
record ConvertDocuments(ConvertPlan plan, ConvertOptions options, OutputFolder folder) {
  private static final JsonMapper JSON = JsonMapper.shared();

  /// `config.json` and the dialect's other documents.
  void writeFirst() {
    plan.documents().forEach((name, json) -> folder.write(name, JsonText.pretty(json)));
  }

  /// Tokenizer, chat template, generation settings and licence: files of a folder, or what a GGUF
  /// file holds of them. An output that is a GGUF file has its tokenizer inside.
  void copySidecars() {
    if (plan.source().gguf().isEmpty()) {
      folder.copySidecars(plan.source().path());
    } else if (!plan.request().to().name().equals("gguf")) {
      var metadata = plan.source().gguf().get();
      folder.write("tokenizer.json", JsonText.pretty(GgufTokenizer.tokenizerJson(metadata)));
      folder.write(
          "tokenizer_config.json", JsonText.pretty(GgufTokenizer.tokenizerConfig(metadata)));
    }
  }

  /// Report, card and (last, over all other files) the manifest.
  ///
  /// @param written the digests of the files that hold tensors
  void writeReports(
      ConvertResult result, List<SourceMark> source, List<SourceCheck.SourceFile> written) {
    folder.write(OutputFolder.REPORT, JsonText.pretty(report(result)));
    folder.write("README.md", ConvertCard.write(plan, result, options));
    folder.write(OutputFolder.MANIFEST, JsonText.pretty(manifest(result, source, written)));
  }

  private ObjectNode request() {
    ConvertRequest r = plan.request();
    ObjectNode n = JSON.createObjectNode();
    n.put("from", plan.source().dialect().name());
    n.put("to", r.to().name());
    n.put("dequantize", r.dequantize());
    n.put("dtype", r.dtype().map(Enum::name).orElse(null));
    n.put("scheme", r.scheme().orElse(null));
    n.put("group_size", r.groupSize().isEmpty() ? null : r.groupSize().getAsInt());
    n.put("allow_lossy", r.allowLossy());
    n.set("imatrix", r.importance().map(ImportanceJson::of).orElse(null));
    return n;
  }

  private ObjectNode report(ConvertResult result) {
    ObjectNode report = JSON.createObjectNode();
    report.put("schema", "marlin.convert-report/1");
    report.put("source", options.sourceName());
    options.command().forEach(report.putArray("command")::add);
    report.set("request", request());
    report.put("source_bytes", plan.sourceBytes());
    report.put("output_bytes", result.outputBytes());
    report.put("seconds", result.seconds());
    report.put("resumed_batches", result.resumedBatches());
    report.set("tensors", tensors(result));
    report.set("dropped", JSON.valueToTree(plan.dropped()));
    report.set("warnings", JSON.valueToTree(plan.warnings()));
    ObjectNode environment = report.putObject("environment");
    environment.put("marlin", Version.current());
    environment.put("java", Runtime.version().toString());
    environment.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    return report;
  }

  /// What happened to each tensor, and the room it takes before and after.
  private ArrayNode tensors(ConvertResult result) {
    Map<String, Deque<ConvertStep>> steps = new HashMap<>();
    plan.steps().forEach(s -> steps.computeIfAbsent(s.name(), n -> new ArrayDeque<>()).add(s));
    ArrayNode tensors = JSON.createArrayNode();
    for (TensorReport r : result.tensors()) {
      ConvertStep step = steps.get(r.name()).remove();
      ObjectNode n = JSON.valueToTree(r);
      n.put("elements", step.elements());
      n.put("sourceBytes", step.sourceBytes());
      n.put("outputBytes", step.outputBytes());
      tensors.add(n);
    }
    return tensors;
  }

  private ObjectNode manifest(
      ConvertResult result, List<SourceMark> source, List<SourceCheck.SourceFile> written) {
    ObjectNode m = JSON.createObjectNode();
    m.put("schema", "marlin.manifest/1");
    m.put("marlin", Version.current());
    ArrayNode files = m.putArray("source");
    source.forEach(f -> f.write(files.addObject()));
    m.set("convert", request());
    ArrayNode weights = m.putArray("weights");
    for (TensorReport t : result.tensors()) {
      ObjectNode w = weights.addObject();
      w.put("module", t.name());
      w.put("action", t.action());
      w.put("from", t.from());
      w.put("to", t.to());
      w.put("lossless", t.lossless());
      w.put("relative_error", t.relativeError());
    }
    m.set("dropped", JSON.valueToTree(plan.dropped()));
    ManifestFiles.list(m.putArray("output"), ManifestFiles.outputs(folder.path(), written));
    return m;
  }
}
