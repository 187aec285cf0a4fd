package io.metalmarlin.quant.transform;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.util.List;
import java.util.stream.Collectors;

/// The transforms a recipe can name.
public final class Transforms {
  public static final Transform NONE = new Identity();

  public static final List<Transform> ALL =
      List.of(NONE, new BlockHadamard(16), new BlockHadamard(32));

  private Transforms() {}

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
