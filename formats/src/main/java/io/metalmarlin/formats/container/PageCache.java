package io.metalmarlin.formats.container;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/// What the system keeps of files in memory.
///
/// Who writes many gigabytes and reads each byte of them once takes a new page for every four
/// kilobytes, and pushes out of memory what others read. Pages that are given back are the next
/// that are written to.
public final class PageCache {
  private static final boolean LINUX = System.getProperty("os.name").equals("Linux");

  /// `O_RDONLY` and `POSIX_FADV_DONTNEED` of Linux on x86-64 and AArch64.
  private static final int READ_ONLY = 0;

  private static final int NOT_NEEDED = 4;

  private PageCache() {}

  /// Gives back the pages of a file from its first byte to `end` that the disk has; others stay.
  /// Says nothing about what the file holds, and so does nothing where there is no such call, and
  /// no harm where the system declines.
  public static void leave(Path file, long end) {
    if (!LINUX || end <= 0) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(file.toString());
      int opened = (int) Native.OPEN.invokeExact(name, READ_ONLY);
      if (opened >= 0) {
        int declined = (int) Native.ADVISE.invokeExact(opened, 0L, end, NOT_NEEDED);
        int closed = (int) Native.CLOSE.invokeExact(opened);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("posix_fadvise", e);
    }
  }

  private static final class Native {
    private static final Linker LINKER = Linker.nativeLinker();

    static final MethodHandle OPEN =
        LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("open"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
            Linker.Option.firstVariadicArg(2));
    static final MethodHandle ADVISE =
        bind("posix_fadvise", ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT);
    static final MethodHandle CLOSE = bind("close");

    /// A function of an opened file.
    private static MethodHandle bind(String name, ValueLayout... more) {
      return LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow(name),
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)
              .appendArgumentLayouts(more));
    }
  }
}
