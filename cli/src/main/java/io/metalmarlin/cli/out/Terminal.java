package io.metalmarlin.cli.out;

/// What the process's streams are connected to.
public interface Terminal {
  int STDIN = 0;
  int STDERR = 2;

  /// No stream is a terminal: pipes, files, tests.
  Terminal NONE =
      new Terminal() {
        @Override
        public boolean isTerminal(int descriptor) {
          return false;
        }

        @Override
        public int columns() {
          return Integer.MAX_VALUE;
        }
      };

  /// Whether a file descriptor is a terminal. Asked per descriptor, because stderr may be one while
  /// stdout is a file; `System.console()` answers for stdin and stdout together.
  boolean isTerminal(int descriptor);

  /// Width of the terminal behind stderr in characters; a large number when there is none.
  int columns();
}
