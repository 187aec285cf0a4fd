package io.metalmarlin.formats.model;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where MLX stores the experts of a layer: stacked along a first dimension in `mlp.switch_mlp`,
/// while a Hugging Face checkpoint has `mlp.experts.E` for each. All other modules have the same
/// name in both.
final class MlxNames {
  private static final Pattern EXPERT =
      Pattern.compile("(.+)\\.experts\\.(0|[1-9]\\d{0,5})\\.(.+)");
  private static final String STACKED = ".switch_mlp.";

  private MlxNames() {}

  /// One expert's part of a stacked name.
  ///
  /// @param name in MLX, `model.layers.0.mlp.switch_mlp.up_proj`, with or without a tensor suffix
  record Slice(String name, int expert) {}

  /// The stacked name that holds a Hugging Face module or tensor; empty where nothing is stacked.
  static Optional<Slice> stacked(String name) {
    Matcher m = EXPERT.matcher(name);
    return m.matches()
        ? Optional.of(new Slice(m.group(1) + STACKED + m.group(3), Integer.parseInt(m.group(2))))
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
        + stacked.substring(at + STACKED.length());
  }
}
