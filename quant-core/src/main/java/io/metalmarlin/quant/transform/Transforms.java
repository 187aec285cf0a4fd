package io.metalmarlin.quant.transform;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.InputTransform;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The transforms a recipe can name.
public final class Transforms {
  public static final Transform NONE = new Identity();

  public static final List<Transform> ALL =
      List.of(NONE, new BlockHadamard(16), new BlockHadamard(32));

  /// A recipe's word for what wins at each input.
  public static final String EACH = "each";

  private Transforms() {}

  /// Whether a recipe leaves it to each input.
  public static boolean chosen(String name) {
    return name.equals(EACH);
  }

  /// Those that inputs of all these widths can have, of the largest block first.
  public static List<Transform> fitting(int... widths) {
    return ALL.reversed().stream().filter(t -> IntStream.of(widths).allMatch(t::fits)).toList();
  }

  /// What a recipe's word allows an input of a width; first what it gets where nothing is tried.
  public static List<Transform> candidates(String name, int cols) {
    return chosen(name) ? fitting(cols) : List.of(of(name));
  }

  /// What a runner's transform undoes.
  public static Transform of(Optional<InputTransform> online) {
    return online.<Transform>map(t -> new BlockHadamard(t.blockSize())).orElse(NONE);
  }

  /// The transform of that name.
  ///
  /// @throws MarlinException `BAD_RECIPE` naming the known ones
  public static Transform of(String name) {
    return ALL.stream()
        .filter(t -> t.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new MarlinException(
                ErrorCode.BAD_RECIPE,
                "--transform",
                "knows no transform \"" + name + "\"",
                "Use one of "
                    + ALL.stream()
                        .map(Transform::name)
                        .collect(Collectors.joining(", ", "", "."))));
  }
}
