package io.metalmarlin.runtime.blas;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/// Finds the shared library inside the `org.bytedeco:openblas` jar and opens it once.
///
/// Only JavaCPP's unpacking cache is used, none of its JNI glue. The library's run path is its own
/// folder, so the Fortran and GCC runtimes are unpacked beside it first.
final class OpenBlasLibrary {
  private static final String HINT =
      "use a build for this platform (its org.bytedeco:openblas jar must be on the class path) and"
          + " make sure that the folder of the system property org.bytedeco.javacpp.cachedir"
          + " (default ~/.javacpp/cache) can be written";

  private static @Nullable SymbolLookup opened;

  private OpenBlasLibrary() {}

  /// The symbols of the library, which stays open until the process ends.
  ///
  /// @throws MarlinException `FILE_MISSING` when the jar has no library for this platform,
  ///   `FILE_UNREADABLE` when it cannot be unpacked or opened; thrown again at every call
  static synchronized SymbolLookup open() {
    if (opened == null) {
      File library = unpack();
      try {
        opened = SymbolLookup.libraryLookup(library.toPath(), Arena.global());
      } catch (IllegalArgumentException e) {
        throw unreadable(library.getPath(), e);
      }
    }
    return opened;
  }

  private static File unpack() {
    File library = null;
    for (String name : files()) {
      String resource = "/org/bytedeco/openblas/" + Loader.getPlatform() + "/" + name;
      try {
        library = Loader.cacheResource(OpenBlasLibrary.class, resource);
      } catch (IOException e) {
        throw unreadable(resource, e);
      }
    }
    if (library == null) {
      throw new MarlinException(
          ErrorCode.FILE_MISSING,
          "OpenBLAS for " + Loader.getPlatform(),
          "the class path holds no " + files().getLast() + " for this platform",
          HINT);
    }
    return library;
  }

  /// Names in the jar of OpenBLAS 0.3.31, dependencies first, the library itself last. A platform
  /// lacks some of the dependencies.
  private static List<String> files() {
    return System.getProperty("os.name").startsWith("Mac")
        ? List.of(
            "libgcc_s.1.1.dylib",
            "libquadmath.0.dylib",
            "libgfortran.5.dylib",
            "libopenblas.0.dylib")
        : List.of("libgcc_s.so.1", "libquadmath.so.0", "libgfortran.so.5", "libopenblas.so.0");
  }

  private static MarlinException unreadable(String where, Exception cause) {
    return new MarlinException(
        ErrorCode.FILE_UNREADABLE,
        where,
        "OpenBLAS cannot be loaded: " + cause.getMessage(),
        HINT,
        cause);
  }
}
