package io.metalmarlin.quant.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// On files laid out as the kernel shows them.
class AvailableMemoryTest {
  private static final long MIB = 1 << 20;

  @TempDir private Path root;

  private void file(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private void machine(long mib) throws IOException {
    file(
        "proc/meminfo",
        "MemTotal:       24683520 kB\nMemFree:  12 kB\nMemAvailable:   %d kB\n"
            .formatted(mib * 1024));
  }

  private long mib() {
    return new AvailableMemory(root).bytes() / MIB;
  }

  @Test
  void without_a_group_it_is_what_the_system_says() throws IOException {
    machine(3000);
    assertThat(mib()).isEqualTo(3000);
  }

  @Test
  void the_tightest_group_around_the_process_counts() throws IOException {
    machine(3000);
    file("proc/self/cgroup", "0::/outer/inner\n");
    file("sys/fs/cgroup/outer/inner/memory.max", "max\n");
    file("sys/fs/cgroup/outer/inner/memory.current", 100 * MIB + "\n");
    file("sys/fs/cgroup/outer/memory.max", 1024 * MIB + "\n");
    file("sys/fs/cgroup/outer/memory.current", 400 * MIB + "\n");
    file(
        "sys/fs/cgroup/outer/memory.stat",
        "anon 5\nactive_file %d\ninactive_file %d\n".formatted(20 * MIB, 30 * MIB));
    assertThat(mib()).isEqualTo(1024 - 400 + 50);
  }

  @Test
  void a_container_sees_its_own_group_at_the_top() throws IOException {
    machine(3000);
    file("proc/self/cgroup", "0::/\n");
    file("sys/fs/cgroup/memory.max", 512 * MIB + "\n");
    file("sys/fs/cgroup/memory.current", 600 * MIB + "\n");
    assertThat(mib()).isZero();
  }

  @Test
  void the_first_version_of_groups_counts_as_well() throws IOException {
    machine(3000);
    file("proc/self/cgroup", "5:cpu:/\n4:memory:/docker/abc\n0::/\n");
    file("sys/fs/cgroup/memory/memory.limit_in_bytes", 2048 * MIB + "\n");
    file("sys/fs/cgroup/memory/memory.usage_in_bytes", 1000 * MIB + "\n");
    file(
        "sys/fs/cgroup/memory/memory.stat",
        "active_file 1\ntotal_active_file %d\ntotal_inactive_file 0\n".formatted(100 * MIB));
    assertThat(mib()).isEqualTo(2048 - 1000 + 100);
    file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    assertThat(mib()).isEqualTo(3000);
  }

  @Test
  void a_system_without_such_files_says_its_whole_memory() {
    assertThat(mib()).isPositive();
  }
}
