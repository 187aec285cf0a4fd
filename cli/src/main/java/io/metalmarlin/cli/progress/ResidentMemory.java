package io.metalmarlin.cli.progress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/// Resident memory of this process as the operating system counts it (Linux `/proc/self/status`).
/// Elsewhere nothing is known, and nothing is shown.
public final class ResidentMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR_REFS = Path.of("/proc/self/clear_refs");
  private static final String RESET_PEAK = "5";

  private ResidentMemory() {}

  /// Bytes resident now.
  public static OptionalLong now() {
    return field("VmRSS:");
  }

  /// Largest number of bytes resident since the process started or since [#resetPeak] succeeded.
  public static OptionalLong peak() {
    return field("VmHWM:");
  }

  /// Makes [#peak] start again from what is resident now.
  ///
  /// @return whether the system allowed it; if not, peaks are those of the whole process
  public static boolean resetPeak() {
    try {
      Files.writeString(CLEAR_REFS, RESET_PEAK);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static OptionalLong field(String key) {
    if (!Files.isReadable(STATUS)) {
      return OptionalLong.empty();
    }
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith(key)) {
          return OptionalLong.of(Long.parseLong(line.replaceAll("\\D", "")) * 1024);
        }
      }
      return OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
