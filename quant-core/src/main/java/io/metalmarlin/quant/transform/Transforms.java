package io.metalmarlin.quant.transform;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.InputTransform;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

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

  /// The transform of the largest block that divides a width.
  public static Transform widest(int cols) {
    return ALL.reversed().stream().filter(t -> t.fits(cols)).findFirst().orElseThrow();
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
