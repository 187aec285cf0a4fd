package io.metalmarlin.quant.plan;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/// How much memory this process may still take: what the system has without swapping, and what
/// every control group around the process leaves. A container sees the memory of the whole machine,
/// and is killed when it takes it.
///
/// Sources: proc(5), and the kernel's documents on cgroup v2 (memory.max, memory.current,
/// memory.stat) and v1 (memory.limit_in_bytes, memory.usage_in_bytes).
///
/// @param root `/`, or what stands for it in a test
record AvailableMemory(Path root) {
  /// In bytes; Long.MAX_VALUE where the system does not say.
  static long here() {
    return new AvailableMemory(Path.of("/")).bytes();
  }

  long bytes() {
    OptionalLong kib = number(root.resolve("proc/meminfo"), "MemAvailable:");
    long least = kib.isPresent() ? kib.getAsLong() * 1024 : totalMemory();
    Path groups = root.resolve("sys/fs/cgroup");
    for (String line : lines(root.resolve("proc/self/cgroup"))) {
      String[] parts = line.split(":", 3);
      if (parts.length == 3 && parts[1].isEmpty()) {
        least = Math.min(least, left(groups, parts[2], "memory.max", "memory.current", ""));
      } else if (parts.length == 3 && parts[1].equals("memory")) {
        String total = "total_";
        Path v1 = groups.resolve("memory");
        String limit = "memory.limit_in_bytes";
        least = Math.min(least, left(v1, parts[2], limit, "memory.usage_in_bytes", total));
      }
    }
    return least;
  }

  /// The least that a group or one of those around it leaves. Inside a container the path may name
  /// groups that only the outside sees.
  private static long left(Path top, String path, String limit, String usage, String prefix) {
    long least = Long.MAX_VALUE;
    Path group = top.resolve(path.substring(1)).normalize();
    while (group != null && group.startsWith(top)) {
      OptionalLong most = number(group.resolve(limit), "");
      OptionalLong taken = number(group.resolve(usage), "");
      if (most.isPresent() && taken.isPresent()) {
        Path stat = group.resolve("memory.stat");
        long reclaimable =
            number(stat, prefix + "inactive_file ").orElse(0)
                + number(stat, prefix + "active_file ").orElse(0);
        least = Math.min(least, Math.max(0, most.getAsLong() - taken.getAsLong() + reclaimable));
      }
      group = group.getParent();
    }
    return least;
  }

  /// The number in the line that begins with `key`; none for `max`.
  private static OptionalLong number(Path file, String key) {
    for (String line : lines(file)) {
      if (line.startsWith(key)) {
        String digits = line.substring(key.length()).replaceAll("\\D", "");
        return digits.isEmpty() || digits.length() > 18
            ? OptionalLong.empty()
            : OptionalLong.of(Long.parseLong(digits));
      }
    }
    return OptionalLong.empty();
  }

  /// None where the system has no such file.
  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of();
    }
  }

  private static long totalMemory() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean os
        ? os.getTotalMemorySize()
        : Long.MAX_VALUE;
  }
}
