package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// A mixed recipe of mlx-lm, which `--scheme` takes with `--target mlx-lm`: value and down matrices
/// of some layers get more bits. Which they are is a fact of mlx-lm's `mlx_lm/convert.py`
/// (`mixed_quant_predicate_builder`, commit 04494c9); embedding and head, which mlx-lm rounds too,
/// stay as they are here.
///
/// @param low scheme of most matrices
/// @param high scheme of the others
record MlxMix(String name, String low, String high) {
  /// All recipes.
  static final List<MlxMix> ALL =
      List.of(
          new MlxMix("mixed_2_6", "W2A16", "W6A16"),
          new MlxMix("mixed_3_4", "W3A16", "W4A16"),
          new MlxMix("mixed_3_6", "W3A16", "W6A16"),
          new MlxMix("mixed_4_6", "W4A16", "W6A16"));

  /// The recipe of that name, in any case.
  static Optional<MlxMix> named(String scheme) {
    return ALL.stream().filter(m -> m.name.equalsIgnoreCase(scheme)).findFirst();
  }

  static String names() {
    return ALL.stream().map(MlxMix::name).collect(Collectors.joining(", "));
  }

  /// The rules for the matrices with more bits, in the order of the model.
  ///
  /// @param groupSize of all matrices
  /// @param spec with its experts one by one
  /// @throws MarlinException `TARGET_CANNOT` for a model whose matrices have other names, which
  ///   mlx-lm refuses as well
  List<SchemeRule> rules(int groupSize, ModelSpec spec) {
    List<Linear> down = spec.linears().stream().filter(l -> down(l, spec.module(l))).toList();
    if (down.isEmpty()) {
      throw new MarlinException(
          ErrorCode.TARGET_CANNOT,
          "--scheme " + name,
          "goes by matrices called down_proj, and this model has none",
          "Use --scheme " + low + " with --override.");
    }
    BlockMix.Shape shape = new BlockMix.Shape(spec.blocks().size(), 0, 1, spec.family());
    Set<SchemeRule> rules = new LinkedHashSet<>();
    for (Linear l : spec.linears()) {
      String module = spec.module(l);
      boolean meant = !l.exact() && l.id().layer() >= 0 && (value(module) || down(l, module));
      if (meant && shape.moreBits(l.id().layer())) {
        rules.add(new SchemeRule(SchemeRule.pattern(l, module), SchemeName.text(high, groupSize)));
      }
    }
    return List.copyOf(rules);
  }

  /// As a part of a name, so that fused and latent values count as well.
  private static boolean value(String module) {
    return module.contains("v_proj") || module.contains("v_a_proj") || module.contains("v_b_proj");
  }

  /// Experts are called so by mlx-lm whatever the checkpoint calls them.
  private static boolean down(Linear l, String module) {
    return module.contains("down_proj") || l.id().expert() >= 0 && l.id().role() == Role.DOWN;
  }
}
