package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Holds an estimate against what the machine has.
public final class Resources {
  private static final double GIB = 1L << 30;

  private Resources() {}

  static List<MarlinException> refusals(Estimate estimate, Machine machine, Path output) {
    List<MarlinException> out = new ArrayList<>();
    if (estimate.peakMemoryBytes() > machine.availableMemoryBytes()) {
      out.add(
          new MarlinException(
              ErrorCode.NOT_ENOUGH_MEMORY,
              "memory",
              "needs %s GiB, %s GiB are available"
                  .formatted(gib(estimate.peakMemoryBytes()), gib(machine.availableMemoryBytes())),
              "Close other programs, or use --method rtn, which holds no Hessians."));
    }
    out.addAll(diskRefusals(estimate.diskBytes(), output));
    return out;
  }

  /// What the output's disk and folder have against `bytes` more.
  ///
  /// @param output need not exist
  public static List<MarlinException> diskRefusals(long bytes, Path output) {
    List<MarlinException> out = new ArrayList<>();
    Path parent = output.toAbsolutePath().getParent();
    unwritable(parent).ifPresent(out::add);
    try {
      long free = Machine.freeDisk(parent);
      if (bytes > free) {
        out.add(
            new MarlinException(
                ErrorCode.NOT_ENOUGH_DISK,
                parent.toString(),
                "needs %s GiB, %s GiB are free; nothing was written"
                    .formatted(gib(bytes), gib(free)),
                "Choose an output folder on another disk with -o."));
      }
    } catch (IOException e) {
      out.add(
          new MarlinException(
              ErrorCode.OUTPUT_UNWRITABLE,
              parent.toString(),
              "its disk cannot be examined: " + e.getMessage(),
              "Choose another output folder with -o.",
              e));
    }
    return out;
  }

  private static java.util.Optional<MarlinException> unwritable(Path folder) {
    Path existing = folder;
    while (!Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (Files.isDirectory(existing) && Files.isWritable(existing)) {
      return java.util.Optional.empty();
    }
    return java.util.Optional.of(
        new MarlinException(
            ErrorCode.OUTPUT_UNWRITABLE,
            existing.toString(),
            Files.isDirectory(existing) ? "the folder is not writable" : "is not a folder",
            "Choose another output folder with -o, or change its permissions."));
  }

  private static String gib(long bytes) {
    return String.format(Locale.ROOT, "%.2f", bytes / GIB);
  }
}
