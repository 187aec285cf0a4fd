package io.metalmarlin.quant.plan;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/// A recipe as the user gave it: everything optional. [Recipes#resolve] fills the rest from the
/// method, the target and the model.
///
/// @param groupSize columns that share a scale, or [Recipe#CHANNEL]
/// @param sparsity `none` or `2:4`; none when empty
/// @param sparsityMethod `sparsegpt`, `wanda` or `magnitude`; the method decides when empty
/// @param transform `auto` when empty
/// @param scales `absmax`, `mse` or `replay`; the method decides when empty
/// @param drift `none`, `auto` or a share; the method decides when empty
/// @param fold `none` or `auto`; the method decides when empty
/// @param imatrix an importance file that stands in for calibration
/// @param overrides `PATTERN=SCHEME` each
public record RecipeRequest(
    Optional<String> scheme,
    OptionalInt groupSize,
    Optional<String> sparsity,
    Optional<String> sparsityMethod,
    Optional<String> method,
    Optional<String> target,
    Optional<String> scales,
    Optional<String> transform,
    OptionalDouble damping,
    OptionalDouble shrink,
    Optional<String> order,
    OptionalInt refine,
    Optional<String> drift,
    Optional<String> fold,
    Optional<String> dataset,
    OptionalInt samples,
    OptionalInt seqLen,
    Optional<Path> imatrix,
    List<String> ignore,
    List<String> overrides,
    long seed) {
  /// The same with another scheme and other overrides.
  ///
  /// @param name as [SchemeName] reads it
  public RecipeRequest withSchemes(String name, List<String> others) {
    SchemeName parsed = SchemeName.parse(name);
    return new RecipeRequest(
        Optional.of(parsed.name()),
        parsed.groupSize(),
        sparsity,
        sparsityMethod,
        method,
        target,
        scales,
        transform,
        damping,
        shrink,
        order,
        refine,
        drift,
        fold,
        dataset,
        samples,
        seqLen,
        imatrix,
        ignore,
        others,
        seed);
  }

  /// A request to round for a target without calibration.
  static RecipeRequest rounding(String target, List<String> ignore) {
    RecipeRequest none = DEFAULTS;
    return new RecipeRequest(
        none.scheme,
        none.groupSize,
        none.sparsity,
        none.sparsityMethod,
        Optional.of("rtn"),
        Optional.of(target),
        none.scales,
        none.transform,
        none.damping,
        none.shrink,
        none.order,
        none.refine,
        none.drift,
        none.fold,
        none.dataset,
        none.samples,
        none.seqLen,
        none.imatrix,
        ignore,
        none.overrides,
        none.seed);
  }

  /// The request of a user who gave no flag.
  public static final RecipeRequest DEFAULTS =
      new RecipeRequest(
          Optional.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          List.of(),
          List.of(),
          0);
}
