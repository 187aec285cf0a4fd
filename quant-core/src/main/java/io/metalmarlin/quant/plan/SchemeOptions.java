package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.model.Model;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// The schemes among which weights may choose: names as an override takes them, each as a recipe of
/// plain rounding.
public final class SchemeOptions {
  private static final Map<String, List<String>> DEFAULTS =
      Map.of(
          "vllm", List.of("W4A16", "NVFP4A16", "W8A16"),
          "transformers", List.of("W3A16", "W4A16", "NVFP4A16", "W8A16"),
          "trtllm", List.of("NVFP4A16"),
          "mlx-lm", List.of("W2A16", "W3A16", "W4A16", "W6A16", "W8A16"),
          "llama.cpp", List.of("Q2_K", "Q3_K", "IQ4_XS", "Q4_K", "Q5_K", "Q6_K", "Q8_0"),
          "gptq", List.of("W4A16", "W8A16"),
          "awq", List.of("W4A16"),
          "marlin", List.of("W2A16-G64", "W3A16-G64", "W4A16-G64", "NVFP4A16", "W8A16"));

  private SchemeOptions() {}

  /// What a target's loaders run, where the user names nothing.
  ///
  /// @throws MarlinException `BAD_FLAG` for an unknown target
  public static List<String> defaults(String target) {
    return DEFAULTS.get(Target.named(target).name());
  }

  /// The recipes by the names that reports use, fewest bits first.
  ///
  /// @throws MarlinException `BAD_FLAG` for unknown names and for schemes that need calibration,
  ///   `TARGET_CANNOT`, `NOT_DIVISIBLE`
  public static SequencedMap<String, Recipe> recipes(
      List<String> names, String target, List<String> ignore, Model model) {
    record Option(String label, Recipe recipe, double bits) {}
    List<Option> options =
        names.stream()
            .map(name -> {
              Recipe recipe = Recipes.resolve(request(name, target, ignore), model);
              String label = SchemeName.text(recipe.scheme(), recipe.groupSize());
              return new Option(label, recipe, bits(Planner.quantized(model, recipe)));
            })
            .sorted(Comparator.comparingDouble(Option::bits).thenComparing(Option::label))
            .toList();
    SequencedMap<String, Recipe> recipes = new LinkedHashMap<>();
    options.forEach(o -> recipes.put(o.label(), o.recipe()));
    if (recipes.isEmpty()) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG, "schemes", "none is named", "Name some, such as Q4_K,Q6_K.");
    }
    return recipes;
  }

  private static double bits(List<Step.Quantize> steps) {
    return steps.stream()
        .mapToDouble(q -> q.bitsPerWeight() * q.linear().out() * q.linear().in())
        .sum();
  }

  private static RecipeRequest request(String name, String target, List<String> ignore) {
    return RecipeRequest.rounding(target, ignore).withSchemes(name, List.of());
  }
}
