package io.metalmarlin.cli;

import io.metalmarlin.cli.out.Terminal;

/// A terminal behind stderr.
public record FakeTerminal(int columns) implements Terminal {
  @Override
  public boolean isTerminal(int descriptor) {
    return descriptor == STDERR;
  }
}
