package io.metalmarlin.quant.solve;

import java.util.List;

/// The methods that choose codes of a grid.
public final class Solvers {
  public static final List<Solver> ALL = List.of(new Rtn(), new Gptq(), new MrGptq(), new Full());

  private Solvers() {}
}
