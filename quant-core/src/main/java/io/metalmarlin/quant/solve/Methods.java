package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The methods that `--method` can name.
public final class Methods {
  public static final List<Method> ALL =
      Stream.<Method>concat(Solvers.ALL.stream(), Stream.of(new Imatrix())).toList();

  private Methods() {}

  /// The method of that name.
  ///
  /// @throws MarlinException `BAD_FLAG` naming the known ones
  public static Method of(String name) {
    return ALL.stream()
        .filter(m -> m.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new MarlinException(
                ErrorCode.BAD_FLAG,
                "--method",
                "knows no method \"" + name + "\"",
                "Use one of "
                    + ALL.stream().map(Method::name).collect(Collectors.joining(", ", "", "."))));
  }
}
