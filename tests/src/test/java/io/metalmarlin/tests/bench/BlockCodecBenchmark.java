package io.metalmarlin.tests.bench;

import io.metalmarlin.formats.scheme.ggml.BlockCodec;
import io.metalmarlin.formats.scheme.ggml.BlockCodecs;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Encoding and decoding of ggml's block types, 256 rows of 4096 normal deviates, one thread.
///
/// The targets are llama.cpp's own rates on the same machine, in million weights per CPU second.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4)
@Measurement(iterations = 5)
@Fork(
    value = 2,
    jvmArgsAppend = {
      "--add-modules=jdk.incubator.vector",
      "-Djdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK=0"
    })
public class BlockCodecBenchmark {
  private static final int ROWS = 256;
  private static final int COLS = 4096;
  private static final int WEIGHTS = ROWS * COLS;

  @Param({"Q4_0", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_XS"})
  DType type;

  private final float[] x = new float[WEIGHTS];
  private final float[] decoded = new float[WEIGHTS];
  private final float[] importance = new float[COLS];
  private BlockCodec codec;
  private byte[] blocks;

  @Setup
  public void setUp() {
    Random random = new Random(1);
    for (int i = 0; i < WEIGHTS; i++) {
      x[i] = (float) random.nextGaussian() * 0.02f;
    }
    for (int i = 0; i < COLS; i++) {
      importance[i] = (float) Math.exp(random.nextGaussian());
    }
    codec = BlockCodecs.of(type);
    blocks = new byte[WEIGHTS / type.blockElements() * type.blockBytes()];
    encode(null);
  }

  @Benchmark
  @OperationsPerInvocation(WEIGHTS)
  public byte[] encode() {
    return encode(null);
  }

  @Benchmark
  @OperationsPerInvocation(WEIGHTS)
  public byte[] encodeWithImportance() {
    return encode(importance);
  }

  @Benchmark
  @OperationsPerInvocation(WEIGHTS)
  public float[] decode() {
    codec.decode(MemorySegment.ofArray(blocks), 0, WEIGHTS / type.blockElements(), decoded, 0);
    return decoded;
  }

  private byte[] encode(float[] importance) {
    int rowBytes = blocks.length / ROWS;
    for (int r = 0; r < ROWS; r++) {
      codec.encodeRow(x, r * COLS, COLS, importance, 0, blocks, r * rowBytes);
    }
    return blocks;
  }

  /// Quick measurement: `BlockCodecBenchmark [types...]`, million weights per CPU second of this
  /// thread, best of the rounds after warm-up.
  public static void main(String[] args) {
    System.out.printf("%-8s %10s %10s %10s%n", "type", "encode", "importance", "decode");
    for (BlockCodec codec : BlockCodecs.ALL) {
      if (args.length > 0 && !List.of(args).contains(codec.type().name())) {
        continue;
      }
      BlockCodecBenchmark benchmark = new BlockCodecBenchmark();
      benchmark.type = codec.writes() ? codec.type() : DType.Q8_0;
      benchmark.setUp();
      if (!codec.writes()) {
        benchmark.type = codec.type();
        benchmark.codec = codec;
        benchmark.blocks =
            new byte[WEIGHTS / codec.type().blockElements() * codec.type().blockBytes()];
      }
      System.out.printf(
          "%-8s %10.1f %10.1f %10.1f%n",
          codec.type(),
          codec.writes() ? rate(benchmark::encode) : 0,
          codec.writes() ? rate(benchmark::encodeWithImportance) : 0,
          rate(benchmark::decode));
    }
  }

  private static double rate(Runnable work) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    double best = 0;
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(2500);
    for (int round = 0; round < 4 || System.nanoTime() < end; round++) {
      long cpu = threads.getCurrentThreadCpuTime();
      work.run();
      best = Math.max(best, WEIGHTS * 1e3 / (threads.getCurrentThreadCpuTime() - cpu));
    }
    return best;
  }
}
