package io.metalmarlin.formats.model;

import java.util.Map;
import java.util.Map.Entry;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Where MLX stores the experts of a layer: stacked along a first dimension in `mlp.switch_mlp`,
/// while a Hugging Face checkpoint has `mlp.experts.E` for each. Mixtral and its kin call the three
/// projections of an expert w1, w3 and w2; MLX has one name for all families. All other modules
/// have the same name in both.
final class MlxNames {
  private static final Pattern EXPERT =
      Pattern.compile("(.+)\\.experts\\.(0|[1-9]\\d{0,5})\\.(.+)");
  private static final String STACKED = ".switch_mlp.";

  private static final String NUMBERED = ".block_sparse_moe";
  private static final Map<String, String> PROJECTIONS =
      Map.of("w1", "gate_proj", "w2", "down_proj", "w3", "up_proj");

  private static final Map<String, String> NUMBERS =
      PROJECTIONS.entrySet().stream().collect(Collectors.toMap(Entry::getValue, Entry::getKey));

  private MlxNames() {}

  /// One expert's part of a stacked name.
  ///
  /// @param name in MLX, `model.layers.0.mlp.switch_mlp.up_proj`, with or without a tensor suffix
  record Slice(String name, int expert) {}

  /// The stacked name that holds a Hugging Face module or tensor; empty where nothing is stacked.
  static Optional<Slice> stacked(String name) {
    Matcher m = EXPERT.matcher(name);
    return m.matches()
        ? Optional.of(
            new Slice(
                m.group(1) + STACKED + projection(m.group(1), m.group(3), PROJECTIONS),
                Integer.parseInt(m.group(2))))
        : Optional.empty();
  }

  /// MLX's name of a Hugging Face module.
  static String of(String module) {
    return stacked(module).map(Slice::name).orElse(module);
  }

  static boolean isStacked(String module) {
    return module.contains(STACKED);
  }

  /// The Hugging Face name of one expert of a stacked module.
  static String expert(String stacked, int expert) {
    int at = stacked.lastIndexOf(STACKED);
    return stacked.substring(0, at)
        + ".experts."
        + expert
        + "."
        + projection(stacked.substring(0, at), stacked.substring(at + STACKED.length()), NUMBERS);
  }

  /// The projection's name on the other side, with whatever suffix it has.
  private static String projection(String parent, String name, Map<String, String> others) {
    if (!parent.endsWith(NUMBERED)) {
      return name;
    }
    int dot = name.indexOf('.');
    String first = dot < 0 ? name : name.substring(0, dot);
    return others.getOrDefault(first, first) + (dot < 0 ? "" : name.substring(dot));
  }
}
