package io.metalmarlin.runtime.hub;

import io.metalmarlin.formats.container.OutputFailure;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/// One file is fetched by one process at a time: `flock(2)` on the file that huggingface_hub locks,
/// because Java's own locks are of another kind and the two do not see each other.
final class BlobLock implements AutoCloseable {
  private static final int EXCLUSIVE_NOW = 2 | 4;
  private static final int WOULD_BLOCK_LINUX = 11;
  private static final int WOULD_BLOCK_MACOS = 35;
  private static final int INTERRUPTED = 4;
  private static final long POLL_NANOS = 100_000_000;

  private final MemorySegment stream;

  private BlobLock(MemorySegment stream) {
    this.stream = stream;
  }

  /// Waits until no other process, and no other download of this one, holds the lock.
  ///
  /// @param waiting told once when there is something to wait for
  static BlobLock acquire(Path file, Stop stop, Runnable waiting) {
    try {
      Files.createDirectories(file.getParent());
      MemorySegment stream = open(file);
      boolean held = false;
      try {
        boolean told = false;
        while (!locked(stream, file)) {
          if (!told) {
            waiting.run();
            told = true;
          }
          stop.check();
          LockSupport.parkNanos(POLL_NANOS);
        }
        held = true;
        return new BlobLock(stream);
      } finally {
        if (!held) {
          close(stream);
        }
      }
    } catch (IOException e) {
      throw OutputFailure.of(file, e);
    }
  }

  @Override
  public void close() {
    close(stream);
  }

  private static MemorySegment open(Path file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stream =
          (MemorySegment)
              Native.FOPEN.invokeExact(
                  arena.allocateFrom(file.toString()), arena.allocateFrom("a"));
      if (stream.equals(MemorySegment.NULL)) {
        throw new IOException("the lock file cannot be opened");
      }
      return stream;
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("fopen failed", e);
    }
  }

  private static int fileno(MemorySegment stream) {
    try {
      return (int) Native.FILENO.invokeExact(stream);
    } catch (Throwable e) {
      throw new IllegalStateException("fileno failed", e);
    }
  }

  private static boolean locked(MemorySegment stream, Path file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Native.STATE);
      if ((int) Native.FLOCK.invokeExact(state, fileno(stream), EXCLUSIVE_NOW) == 0) {
        return true;
      }
      int errno = state.get(ValueLayout.JAVA_INT, Native.ERRNO);
      if (errno != WOULD_BLOCK_LINUX && errno != WOULD_BLOCK_MACOS && errno != INTERRUPTED) {
        throw new IOException("the file system of " + file + " has no locks (error " + errno + ")");
      }
      return false;
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("flock failed", e);
    }
  }

  private static void close(MemorySegment stream) {
    try {
      int ignored = (int) Native.FCLOSE.invokeExact(stream);
    } catch (Throwable e) {
      throw new IllegalStateException("fclose failed", e);
    }
  }

  private static final class Native {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup C = LINKER.defaultLookup();

    static final StructLayout STATE = Linker.Option.captureStateLayout();
    static final long ERRNO = STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    static final MethodHandle FOPEN =
        bind(
            "fopen",
            FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
    static final MethodHandle FILENO =
        bind("fileno", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
    static final MethodHandle FCLOSE =
        bind("fclose", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
    static final MethodHandle FLOCK =
        bind(
            "flock",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
            Linker.Option.captureCallState("errno"));

    private static MethodHandle bind(
        String name, FunctionDescriptor type, Linker.Option... options) {
      return LINKER.downcallHandle(C.findOrThrow(name), type, options);
    }
  }
}
