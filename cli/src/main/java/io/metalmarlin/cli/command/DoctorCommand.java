package io.metalmarlin.cli.command;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.cli.out.Json;
import io.metalmarlin.quant.Version;
import io.metalmarlin.quant.plan.Machine;
import io.metalmarlin.runtime.backend.BackendProvider;
import io.metalmarlin.runtime.backend.Backends;
import io.metalmarlin.runtime.blas.OpenBlas;
import io.metalmarlin.runtime.source.CacheFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `marlin doctor`: what this machine offers, measured or read now.
@CommandLine.Command(
    name = "doctor",
    header = "Show what marlin finds on this machine.",
    sortOptions = false)
final class DoctorCommand extends Command {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final String CORE_VARIABLE = "OPENBLAS_CORETYPE";

  @Override
  public Outcome execute(Session session) throws IOException {
    Machine machine = Machine.here(Runtime.getRuntime().availableProcessors());
    Path cache = CacheFolder.of(session.environment());
    long free = Machine.freeDisk(session.workingFolder());
    ObjectNode result = Json.object();
    result.put("version", Version.current());
    result.put("java", Runtime.version().toString());
    result.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    result.put("arch", System.getProperty("os.arch"));
    Optional<String> cpu = cpuModel();
    cpu.ifPresentOrElse(
        c -> result.put("cpu", c),
        () -> Json.missing(result, "cpu", "this system does not name it in a file"));
    result.put("threads", machine.threads());
    result.put("blas", OpenBlas.config());
    result.put("blas_core", OpenBlas.coreName());
    String forced = session.environment().get(CORE_VARIABLE);
    result.put("blas_core_variable", forced);
    result.put("flops_per_second_per_thread", machine.flopsPerSecond());
    result.put("heap_bytes", Runtime.getRuntime().maxMemory());
    result.put("available_memory_bytes", machine.availableMemoryBytes());
    result.put("free_disk_bytes", free);
    result.put("cache_folder", cache.toString());
    StringBuilder devices = new StringBuilder();
    ArrayNode list = result.putArray("devices");
    for (BackendProvider p : Backends.all()) {
      Optional<String> why = p.unavailableBecause();
      list.addObject()
          .put("name", p.name())
          .put("available", why.isEmpty())
          .put("reason", why.orElse(null));
      devices.append(
          "device    %s: %s%n".formatted(p.name(), why.map(w -> "no, " + w).orElse("yes")));
    }
    return Outcome.ok(
        result,
        text(result, machine, cpu.orElse("not named by this system"), core(forced), free)
            + devices);
  }

  /// An old core name in the environment halves every matrix product, and nothing else shows it.
  private static String core(@Nullable String forced) {
    String core = OpenBlas.coreName();
    return forced == null ? core : "%s, %s=%s is set".formatted(core, CORE_VARIABLE, forced);
  }

  private static String text(ObjectNode r, Machine machine, String cpu, String core, long free) {
    return ("marlin    %s%njava      %s%nsystem    %s %s%ncpu       %s, %d threads%n"
            + "blas      %s (core %s), %s GFLOP/s in one thread%n"
            + "memory    %s available, Java heap up to %s%ndisk      %s free here%ncache     %s%n")
        .formatted(
            r.path("version").asString(),
            r.path("java").asString(),
            r.path("os").asString(),
            r.path("arch").asString(),
            cpu,
            machine.threads(),
            OpenBlas.config(),
            core,
            Figures.fixed(machine.flopsPerSecond() / 1e9, 1),
            Figures.bytes(machine.availableMemoryBytes()),
            Figures.bytes(Runtime.getRuntime().maxMemory()),
            Figures.bytes(free),
            r.path("cache_folder").asString());
  }

  private static Optional<String> cpuModel() throws IOException {
    if (!Files.isReadable(CPU_INFO)) {
      return Optional.empty();
    }
    return Files.readAllLines(CPU_INFO).stream()
        .filter(l -> l.startsWith("model name"))
        .map(l -> l.substring(l.indexOf(':') + 1).strip())
        .findFirst();
  }
}
