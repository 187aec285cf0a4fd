package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.util.List;
import java.util.stream.Collectors;

/// The methods that `--method` can name.
public final class Solvers {
  public static final List<Solver> ALL = List.of(new Rtn(), new Gptq(), new MrGptq());

  private Solvers() {}

  /// The solver of that name.
  ///
  /// @throws MarlinException `BAD_FLAG` naming the known ones
  public static Solver of(String name) {
    return ALL.stream()
        .filter(s -> s.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new MarlinException(
                ErrorCode.BAD_FLAG,
                "--method",
                "knows no method \"" + name + "\"",
                "Use one of "
                    + ALL.stream().map(Solver::name).collect(Collectors.joining(", ", "", "."))));
  }
}
