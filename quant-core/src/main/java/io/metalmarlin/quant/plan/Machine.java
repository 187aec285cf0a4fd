package io.metalmarlin.quant.plan;

import io.metalmarlin.runtime.blas.OpenBlas;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the machine at hand offers, measured when the plan is made.
///
/// @param threads worker threads the job may use
/// @param availableMemoryBytes memory that can be had without swapping and within the control
///   groups of the process; Long.MAX_VALUE where the system does not say
/// @param flopsPerSecond rate of one thread's single-precision matrix product, timed just now
public record Machine(int threads, long availableMemoryBytes, double flopsPerSecond) {
  private static final int SIZE = 512;
  private static final int REPETITIONS = 4;

  /// Measures this machine (about 30 ms after the library is loaded).
  public static Machine here(int threads) {
    return new Machine(threads, AvailableMemory.here(), productRate());
  }

  /// Free bytes on the disk that holds `folder` or its nearest existing ancestor.
  public static long freeDisk(Path folder) throws IOException {
    Path p = folder.toAbsolutePath();
    while (!Files.exists(p)) {
      p = p.getParent();
    }
    FileStore store = Files.getFileStore(p);
    return store.getUsableSpace();
  }

  private static double productRate() {
    try (Arena arena = Arena.ofConfined()) {
      long bytes = 4L * SIZE * SIZE;
      MemorySegment a = arena.allocate(bytes, 64);
      MemorySegment b = arena.allocate(bytes, 64);
      MemorySegment c = arena.allocate(bytes, 64);
      double best = 0;
      for (int i = 0; i <= REPETITIONS; i++) {
        long start = System.nanoTime();
        OpenBlas.sgemm(false, false, SIZE, SIZE, SIZE, 1f, a, SIZE, b, SIZE, 0f, c, SIZE);
        double seconds = (System.nanoTime() - start) / 1e9;
        best = Math.max(best, 2.0 * SIZE * SIZE * SIZE / seconds);
      }
      return best;
    }
  }
}
