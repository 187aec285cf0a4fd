package io.metalmarlin.quant.verify.load;

import io.metalmarlin.quant.verify.Version;
import java.util.List;
import java.util.Optional;

/// What one program makes of one family of checkpoints, from one of its versions on: it loads them
/// under some demands, or it does not and this is why.
///
/// @param target name of the program
/// @param family name of the dialect
/// @param since the first version this holds for; `0` where no older behaviour is known
/// @param refusal why it does not load them; empty where it does
/// @param demands what it insists on
public record Loading(
    String target, String family, Version since, Optional<String> refusal, List<Demand> demands) {
  /// Why a `quant_method` of ours is not taken where that name is already another's.
  static final String OTHER_MARLIN =
      "its quant_method marlin is another layout, of the Marlin kernel";

  /// Why packs of MLX are not recognised.
  static final String MLX_HAS_NO_METHOD = "MLX's quantization_config has no quant_method";

  static Loading loads(String target, String family, Demand... demands) {
    return loadsSince(target, family, "0", demands);
  }

  static Loading loadsSince(String target, String family, String since, Demand... demands) {
    return new Loading(target, family, Version.of(since), Optional.empty(), List.of(demands));
  }

  /// @param reason a clause that follows the name of the program and ", "
  static Loading refuses(String target, String family, String reason) {
    return refusesUntilNext(target, family, "0", reason);
  }

  static Loading refusesUntilNext(String target, String family, String since, String reason) {
    return new Loading(target, family, Version.of(since), Optional.of(reason), List.of());
  }

  @Override
  public String toString() {
    return target + " from " + since + ": " + family;
  }
}
