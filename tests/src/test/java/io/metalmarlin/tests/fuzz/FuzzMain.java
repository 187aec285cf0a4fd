package io.metalmarlin.tests.fuzz;

import com.sun.management.ThreadMXBean;
import io.metalmarlin.formats.MarlinException;
import java.lang.management.ManagementFactory;

/// What the fuzzer calls: one input through the target that the system property `marlin.fuzz`
/// names.
public final class FuzzMain {
  private static final FuzzTarget TARGET = FuzzTarget.named(System.getProperty("marlin.fuzz", ""));
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /// What reading may allocate whatever the file says: buffers of the standard library, messages.
  private static final long BASE = 8L << 20;

  /// Objects per byte of file: a JSON token of a byte or two becomes a node, an entry and a string.
  private static final long PER_BYTE = 2048;

  private FuzzMain() {}

  public static void fuzzerTestOneInput(byte[] input) throws Exception {
    long limit = BASE + PER_BYTE * input.length;
    long allocated = allocates(input);
    // The first time a class is loaded its instrumentation allocates; the second time it does not.
    if (allocated > limit) {
      allocated = allocates(input);
    }
    if (allocated > limit) {
      throw new AssertionError(
          allocated + " bytes allocated for a file of " + input.length + " bytes");
    }
  }

  private static long allocates(byte[] input) throws Exception {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      TARGET.read(input);
    } catch (MarlinException refused) {
      if (refused.getMessage() == null || refused.getMessage().isBlank()) {
        throw new AssertionError("refused without a word", refused);
      }
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }
}
