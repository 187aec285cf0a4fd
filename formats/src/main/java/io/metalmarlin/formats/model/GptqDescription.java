package io.metalmarlin.formats.model;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.gptq.GptqPacking;
import io.metalmarlin.formats.scheme.gptq.GptqPacking.Index;
import io.metalmarlin.formats.scheme.gptq.GptqPacking.Version;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/// The quantization keys of a GPTQ pack, for `config.json` and `quantize_config.json` alike.
final class GptqDescription {
  private static final String HEAD = "lm_head";

  private GptqDescription() {}

  static ObjectNode of(ModuleLayout layout) {
    List<GptqPacking> packings =
        layout.packed().values().stream().map(s -> (GptqPacking) s.packing()).toList();
    IntScheme most = most(packings);
    ObjectNode q = QuantizationConfig.JSON.createObjectNode();
    q.put("bits", most.bits());
    q.put("checkpoint_format", version(packings) == Version.V2 ? "gptq_v2" : "gptq");
    q.put("damp_percent", 0.01);
    q.put("desc_act", packings.stream().anyMatch(p -> p.index() == Index.ACT_ORDER));
    ObjectNode dynamic = dynamic(layout, most);
    if (!dynamic.isEmpty()) {
      q.set("dynamic", dynamic);
    }
    q.put("group_size", groupSize(most));
    q.put("lm_head", layout.packed().containsKey(HEAD));
    q.putObject("meta").putArray("quantizer").add("metal-marlin:1");
    q.put("quant_method", "gptq");
    q.put("sym", packings.stream().allMatch(p -> p.scheme().zero() == Zero.NONE));
    q.put("true_sequential", true);
    return q;
  }

  /// Overrides of modules with another width or group size, and of those left dense, as patterns
  /// for exactly one module. The head is dense unless `lm_head` says otherwise.
  private static ObjectNode dynamic(ModuleLayout layout, IntScheme most) {
    ObjectNode dynamic = QuantizationConfig.JSON.createObjectNode();
    layout.dense().stream()
        .filter(module -> !module.equals(HEAD))
        .forEach(module -> dynamic.putObject("-:" + pattern(module)));
    layout
        .packed()
        .forEach((module, stored) -> {
          IntScheme s = ((GptqPacking) stored.packing()).scheme();
          if (s.bits() != most.bits() || s.groupSize() != most.groupSize()) {
            ObjectNode entry = dynamic.putObject("+:" + pattern(module));
            entry.put("bits", s.bits());
            entry.put("group_size", groupSize(s));
          }
        });
    return dynamic;
  }

  private static String pattern(String module) {
    return "^" + module.replace(".", "\\.") + "$";
  }

  private static int groupSize(IntScheme scheme) {
    return scheme.groupSize() == GroupScheme.WHOLE ? -1 : scheme.groupSize();
  }

  private static Version version(List<GptqPacking> packings) {
    List<Version> versions = packings.stream().map(GptqPacking::version).distinct().toList();
    if (versions.size() > 1) {
      throw new IllegalArgumentException("one GPTQ pack of versions " + versions);
    }
    return versions.isEmpty() ? Version.V1 : versions.getFirst();
  }

  /// The most frequent width and group size; 4 bits in groups of 128 where nothing is packed.
  private static IntScheme most(List<GptqPacking> packings) {
    Map<IntScheme, Integer> counts = new LinkedHashMap<>();
    packings.forEach(p -> counts.merge(p.scheme(), 1, Integer::sum));
    return counts.entrySet().stream()
        .reduce((a, b) -> b.getValue() > a.getValue() ? b : a)
        .map(Map.Entry::getKey)
        .orElse(new IntScheme(4, 128, io.metalmarlin.formats.scheme.ScaleType.F16, Zero.NONE));
  }
}
