package io.metalmarlin.cli.out;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;

/// Asks the C library, `isatty(3)` and the `TIOCGWINSZ` request of `ioctl(2)`. Bound on first use,
/// so commands that neither fail nor show progress never pay for it.
public final class NativeTerminal implements Terminal {
  private static final int DEFAULT_COLUMNS = 80;
  private static final long TIOCGWINSZ_LINUX = 0x5413;
  private static final long TIOCGWINSZ_MACOS = 0x40087468L;
  private static final long WINSIZE_BYTES = 8;
  private static final long WINSIZE_COLUMNS_OFFSET = 2;

  @Override
  public boolean isTerminal(int descriptor) {
    try {
      return (int) Native.ISATTY.invokeExact(descriptor) == 1;
    } catch (Throwable e) {
      throw new IllegalStateException("isatty failed", e);
    }
  }

  @Override
  public int columns() {
    if (!isTerminal(STDERR)) {
      return Integer.MAX_VALUE;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment winsize = arena.allocate(WINSIZE_BYTES, 2);
      int rc = (int) Native.IOCTL.invokeExact(STDERR, Native.REQUEST, winsize);
      int columns = winsize.get(ValueLayout.JAVA_SHORT, WINSIZE_COLUMNS_OFFSET) & 0xffff;
      return rc == 0 && columns > 0 ? columns : DEFAULT_COLUMNS;
    } catch (Throwable e) {
      throw new IllegalStateException("ioctl failed", e);
    }
  }

  private static final class Native {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup C = LINKER.defaultLookup();

    static final long REQUEST =
        System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac")
            ? TIOCGWINSZ_MACOS
            : TIOCGWINSZ_LINUX;

    static final MethodHandle ISATTY =
        LINKER.downcallHandle(
            C.findOrThrow("isatty"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    static final MethodHandle IOCTL =
        LINKER.downcallHandle(
            C.findOrThrow("ioctl"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.ADDRESS),
            Linker.Option.firstVariadicArg(2));
  }
}
