package io.metalmarlin.quant.verify.check;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;
import io.metalmarlin.quant.verify.TargetRules.Rule;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The `quantization_config` of compressed-tensors says nothing that a loader refuses.
public final class CompressedTensorsKeys implements Check {
  private static final String FILE = "config.json";
  private static final String KEY = "quantization_config";

  /// The arguments of compressed-tensors 0.19; its model forbids all others.
  private static final Set<String> ARGUMENTS =
      Set.of(
          "num_bits",
          "type",
          "symmetric",
          "group_size",
          "strategy",
          "block_structure",
          "dynamic",
          "actorder",
          "scale_dtype",
          "zp_dtype",
          "observer",
          "observer_kwargs");

  private static final Set<String> GROUP =
      Set.of("targets", "weights", "input_activations", "output_activations", "format");

  @Override
  public String code() {
    return "ct-config";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    JsonNode q = subject.quantization();
    if (!subject.isIn("compressed-tensors") || !q.isObject()) {
      return;
    }
    sparsity(subject, q, findings);
    status(subject, q, findings);
    transform(subject, q, findings);
    q.path("config_groups")
        .properties()
        .forEach(e -> {
          String at = KEY + ".config_groups." + e.getKey();
          strict(at, e.getValue(), GROUP, subject, findings);
          for (String part : List.of("weights", "input_activations", "output_activations")) {
            strict(at + "." + part, e.getValue().path(part), ARGUMENTS, subject, findings);
          }
          actOrder(at, e.getValue().path("weights").path("actorder"), subject, findings);
        });
    oddWidths(subject, q, findings);
  }

  private static void sparsity(Subject subject, JsonNode q, Findings findings) {
    JsonNode sparsity = q.path("sparsity_config");
    // llm-compressor of 2024 wrote one without targets into every dense pack; loaders pass it over.
    boolean dense = sparsity.path("format").asString("").equals("dense");
    if (sparsity.isEmpty() || dense && sparsity.path("targets").isEmpty()) {
      return;
    }
    String reason = "%s.sparsity_config has content".formatted(KEY);
    String remedy = "Leave it empty: no current program reads compressed sparsity.";
    if (subject.asks(Rule.NO_SPARSITY_CONTENT)) {
      findings.error(FILE, reason + ", which the target refuses", remedy);
    } else {
      findings.warning(FILE, reason + ", which vLLM refuses", remedy);
    }
  }

  private static void status(Subject subject, JsonNode q, Findings findings) {
    JsonNode status = q.path("quantization_status");
    if (status.asString("").equals("compressed")) {
      return;
    }
    String reason =
        "%s.quantization_status is %s".formatted(KEY, status.isMissingNode() ? "missing" : status);
    String remedy = "Set it to \"compressed\".";
    if (subject.asks(Rule.STATUS_COMPRESSED)) {
      findings.error(FILE, reason + "; the target would take the weights for dense ones", remedy);
    } else {
      findings.warning(
          FILE, reason + "; transformers would take the weights for dense ones", remedy);
    }
  }

  private static void transform(Subject subject, JsonNode q, Findings findings) {
    if (!q.path("transform_config").isEmpty()
        && subject.asks(Rule.NO_TRANSFORM_WHEN_SPLIT)
        && subject.tp() > 1) {
      findings.error(
          FILE,
          "%s.transform_config asks for online transforms, which do not run on %d devices"
              .formatted(KEY, subject.tp()),
          "Use --tp 1, or quantize without a transform.");
    }
  }

  private static void strict(
      String at, JsonNode object, Set<String> known, Subject subject, Findings findings) {
    if (!object.isObject()) {
      return;
    }
    for (String key : object.propertyNames()) {
      if (!known.contains(key)) {
        String reason = "%s.%s is no key of compressed-tensors".formatted(at, key);
        String remedy = "Remove it: its schema forbids unknown keys.";
        if (subject.asks(Rule.STRICT_ARGUMENTS)) {
          findings.error(FILE, reason, remedy);
        } else {
          findings.warning(FILE, reason, remedy);
        }
      }
    }
  }

  private static void actOrder(String at, JsonNode order, Subject subject, Findings findings) {
    String value = order.asString("");
    if (value.equals("group") || value.equals("dynamic")) {
      String reason = "%s.weights.actorder is \"%s\", a stored group index".formatted(at, value);
      String remedy = "Quantize with --order act, which keeps groups in stored order.";
      if (subject.asks(Rule.NO_STORED_ACT_ORDER)) {
        findings.error(FILE, reason + ", which the target refuses", remedy);
      } else {
        findings.warning(FILE, reason + ", which current vLLM refuses", remedy);
      }
    }
  }

  /// Before 0.17 the library put whole values into words where 3, 5, 6 and 7 bits leave a rest;
  /// only the version and the shape tell.
  private static void oddWidths(Subject subject, JsonNode q, Findings findings) {
    boolean odd = false;
    for (JsonNode group : q.path("config_groups")) {
      int bits = group.path("weights").path("num_bits").asInt(0);
      odd |= Set.of(3, 5, 6, 7).contains(bits) && packs(subject.checkpoint());
    }
    if (odd && !q.path("version").isString()) {
      findings.warning(
          FILE,
          "%s.version is missing: with this width it tells two layouts apart".formatted(KEY),
          "Add the version of compressed-tensors that wrote the file.");
    }
  }

  private static boolean packs(Checkpoint checkpoint) {
    return checkpoint.tensors().keySet().stream().anyMatch(t -> t.endsWith(".weight_packed"));
  }
}
