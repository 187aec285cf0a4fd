package io.metalmarlin.quant.verify.load;

import io.metalmarlin.quant.verify.Version;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// The table of programs and families. It has a line for each pair: a family that is read here and
/// stands in no program's file fails the build. A new program is a file and a line here.
public final class Loadings {
  public static final List<Loading> ALL =
      Stream.of(
              VllmLoadings.ALL,
              SglangLoadings.ALL,
              TrtLlmLoadings.ALL,
              TransformersLoadings.ALL,
              MlxLmLoadings.ALL,
              LlamaCppLoadings.ALL,
              MarlinLoadings.ALL)
          .flatMap(List::stream)
          .toList();

  private Loadings() {}

  /// What a version of a program makes of a family.
  ///
  /// @throws IllegalArgumentException for a pair that is not in the table: both names come from our
  ///   own lists
  public static Loading of(String target, Version version, String family) {
    return ALL.stream()
        .filter(l -> l.target().equals(target) && l.family().equals(family))
        .filter(l -> l.since().compareTo(version) <= 0)
        .max(Comparator.comparing(Loading::since))
        .orElseThrow(() -> new IllegalArgumentException(target + " and " + family));
  }

  /// Names of the families that a version of a program loads, in the order of the table.
  public static List<String> loadedBy(String target, Version version) {
    return ALL.stream()
        .filter(l -> l.target().equals(target))
        .map(Loading::family)
        .distinct()
        .filter(f -> of(target, version, f).refusal().isEmpty())
        .toList();
  }
}
