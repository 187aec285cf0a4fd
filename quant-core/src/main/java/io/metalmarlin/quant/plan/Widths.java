package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.runtime.model.ModelSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Finds linears whose input width does not divide into groups and rotation blocks. All linears of
/// one width have one cause, so they become one refusal, not one per block.
///
/// @param scheme what the user calls the scheme, for messages
/// @param group columns that share a scale
/// @param sized whether another number of columns could be asked for
/// @param block columns of one rotation block, 1 without a rotation
record Widths(String scheme, int group, boolean sized, int block) {
  boolean fit(ModelSpec.Linear l) {
    return l.in() % group == 0 && l.in() % block == 0;
  }

  /// One refusal per width that does not fit.
  ///
  /// @param module the name of a linear
  List<MarlinException> refusals(
      List<ModelSpec.Linear> linears, Function<ModelSpec.Linear, String> module) {
    Map<Integer, List<String>> odd = new LinkedHashMap<>();
    for (ModelSpec.Linear l : linears) {
      if (!fit(l)) {
        odd.computeIfAbsent(l.in(), in -> new ArrayList<>()).add(module.apply(l));
      }
    }
    return odd.entrySet().stream().map(e -> refusal(e.getKey(), e.getValue())).toList();
  }

  /// Why a layout cannot hold a linear's matrix, whatever its groups; empty when it can.
  static Optional<MarlinException> refusal(ModelSpec.Linear l, Packing packing) {
    try {
      packing.planes(l.out(), l.in());
      return Optional.empty();
    } catch (MarlinException e) {
      return Optional.of(e);
    }
  }

  /// One refusal per size that a layout cannot hold though its groups divide the width.
  static List<MarlinException> layoutRefusals(
      List<ModelSpec.Linear> linears, Packing packing, Function<ModelSpec.Linear, String> module) {
    Map<String, MarlinException> causes = new LinkedHashMap<>();
    for (ModelSpec.Linear l : linears) {
      if (l.in() % packing.scheme().columnMultiple() == 0) {
        refusal(l, packing)
            .ifPresent(e ->
                causes.putIfAbsent(
                    e.getMessage(),
                    new MarlinException(
                        e.code(),
                        module.apply(l),
                        "%s cannot hold %d x %d: %s"
                            .formatted(packing.name(), l.out(), l.in(), e.getMessage()),
                        e.hint())));
      }
    }
    return List.copyOf(causes.values());
  }

  private MarlinException refusal(int in, List<String> modules) {
    boolean grouped = in % group != 0;
    List<String> kinds = modules.stream().map(Widths::lastPart).distinct().toList();
    String others =
        modules.size() == 1
            ? ""
            : "; so are those of %d more linears (%s)"
                .formatted(modules.size() - 1, String.join(", ", kinds));
    return new MarlinException(
        ErrorCode.NOT_DIVISIBLE,
        modules.getFirst(),
        "input %d is not a multiple of %d (%s)%s"
            .formatted(
                in,
                grouped ? group : block,
                grouped ? scheme + " group" : "Hadamard block",
                others),
        grouped
            ? smaller(in)
                + "eep them in the source type with --ignore \"re:.*%s$\".".formatted(oneOf(kinds))
            : "Use --transform none.");
  }

  /// The largest usual group that divides the width. Targets that store groups of one size store
  /// those of the smaller ones too.
  private String smaller(int in) {
    return IntStream.of(64, 32)
        .filter(size -> sized && size < group && in % size == 0)
        .mapToObj(size -> "Use --group-size " + size + ", or k")
        .findFirst()
        .orElse("K");
  }

  private static String oneOf(List<String> kinds) {
    return kinds.size() == 1
        ? kinds.getFirst()
        : kinds.stream().collect(Collectors.joining("|", "(", ")"));
  }

  private static String lastPart(String module) {
    return module.substring(module.lastIndexOf('.') + 1);
  }
}
