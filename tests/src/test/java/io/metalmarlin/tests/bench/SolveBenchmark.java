package io.metalmarlin.tests.bench;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import com.sun.management.OperatingSystemMXBean;
import io.metalmarlin.quant.solve.MrGptq;
import io.metalmarlin.quant.solve.TileError;
import io.metalmarlin.runtime.blas.OpenBlas;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// The MR-GPTQ solve of a 4096 x 4096 layer, factorisation, scale search and error sums included,
/// beside `sgemm` of the same size on the same threads.
///
/// The target is a ratio: `(5/3 n^3 / solve time) / (2 n^3 / sgemm time) >= 0.5`, so `sgemm / solve
/// > = 0.6` of the two average times. [#main] prints it, by wall time and, because a shared machine
/// > disturbs that, by CPU time.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4)
@Measurement(iterations = 5)
@Fork(
    value = 2,
    jvmArgsAppend = {
      "--add-modules=jdk.incubator.vector",
      "--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow",
      "-Djdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK=0"
    })
public class SolveBenchmark {
  @Param("4096")
  int size;

  @Param({"1", "2"})
  int threads;

  private Workers workers;
  private SyntheticLayer layer;
  private Arena arena;
  private MemorySegment a;
  private MemorySegment b;
  private MemorySegment c;

  @Setup
  public void setUp() {
    workers = new Workers(threads);
    layer = new SyntheticLayer(size, workers);
    arena = Arena.ofShared();
    a = random(1);
    b = random(2);
    c = random(3);
  }

  @TearDown
  public void tearDown() {
    layer.close();
    arena.close();
    workers.close();
  }

  @Benchmark
  public TileError solve() {
    return layer.solve(new MrGptq(), workers);
  }

  @Benchmark
  public MemorySegment sgemm() {
    int rows = size / 8;
    workers.run(
        8,
        piece -> {
          long from = (long) piece * rows * size * Float.BYTES;
          OpenBlas.sgemm(
              false,
              false,
              rows,
              size,
              size,
              1,
              a.asSlice(from),
              size,
              b,
              size,
              0,
              c.asSlice(from),
              size);
        });
    return c;
  }

  private MemorySegment random(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    MemorySegment s = arena.allocate((long) size * size * Float.BYTES, 64);
    for (long i = 0; i < (long) size * size; i++) {
      s.setAtIndex(JAVA_FLOAT, i, (float) random.nextDouble());
    }
    return s;
  }

  /// Quick measurement: `SolveBenchmark [size [threads [rounds]]]`, best of the rounds after
  /// warm-up.
  public static void main(String[] args) {
    SolveBenchmark benchmark = new SolveBenchmark();
    benchmark.size = args.length > 0 ? Integer.parseInt(args[0]) : 4096;
    benchmark.threads = args.length > 1 ? Integer.parseInt(args[1]) : 1;
    int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 8;
    benchmark.setUp();
    double[] best = {Double.MAX_VALUE, Double.MAX_VALUE, Double.MAX_VALUE, Double.MAX_VALUE};
    for (int round = 0; round < rounds; round++) {
      time(best, 0, benchmark::sgemm);
      time(best, 2, benchmark::solve);
    }
    double n3 = Math.pow(benchmark.size, 3);
    double solve = benchmark.layer.flops();
    System.out.printf(
        "%s, %d x %d, %d threads: sgemm %.1f GF/s, solve %.3f s = %.1f GF/s, %.0f %% of sgemm by wall time, %.0f %% by"
            + " CPU time%n",
        OpenBlas.coreName(),
        benchmark.size,
        benchmark.size,
        benchmark.threads,
        2 * n3 / best[0] / 1e9,
        best[2],
        solve / best[2] / 1e9,
        100 * (solve / best[2]) / (2 * n3 / best[0]),
        100 * (solve / best[3]) / (2 * n3 / best[1]));
    benchmark.tearDown();
  }

  private static void time(double[] best, int at, Runnable work) {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long cpu = system.getProcessCpuTime();
    long wall = System.nanoTime();
    work.run();
    best[at] = Math.min(best[at], (System.nanoTime() - wall) / 1e9);
    best[at + 1] = Math.min(best[at + 1], (system.getProcessCpuTime() - cpu) / 1e9);
  }
}
