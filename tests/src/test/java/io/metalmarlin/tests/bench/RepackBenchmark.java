package io.metalmarlin.tests.bench;

import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.blocks.GroupedBlockPacking;
import io.metalmarlin.formats.scheme.blocks.ScaledNvfp4;
import io.metalmarlin.formats.scheme.gptq.AwqPacking;
import io.metalmarlin.formats.scheme.gptq.GptqPacking;
import io.metalmarlin.formats.scheme.integer.PackQuantized;
import io.metalmarlin.formats.scheme.mlx.MlxAffine;
import io.metalmarlin.formats.scheme.mlx.MlxFloat;
import io.metalmarlin.formats.scheme.nvfp4.CompressedTensorsNvfp4;
import io.metalmarlin.formats.scheme.nvfp4.ModelOptNvfp4;
import io.metalmarlin.formats.scheme.regrid.Regrid;
import io.metalmarlin.formats.tensor.DType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
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

/// Repacking one 4096 x 11008 matrix, one thread, against a copy of the same bytes: decode, change
/// the grid, and every byte of the target in memory of its own or in a file that is made anew, as
/// `cp` makes one. Memory is used again. The aim is 60 % of the copy into a file.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4)
@Measurement(iterations = 5)
@Fork(
    value = 2,
    jvmArgsAppend = {
      "--add-modules=jdk.incubator.vector",
      "-Djdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK=0"
    })
public class RepackBenchmark {
  private static final int ROWS = 4096;
  private static final int COLS = 11008;
  private static final int CHUNK = 1 << 20;
  private static final long SPARE = 256L << 20;

  /// From one layout to another.
  public enum Pair {
    MLX_NVFP4_CT(MlxFloat.NVFP4, CompressedTensorsNvfp4.INSTANCE),
    CT_NVFP4_MODELOPT(CompressedTensorsNvfp4.INSTANCE, ModelOptNvfp4.INSTANCE),
    MODELOPT_NVFP4_GGUF(ModelOptNvfp4.INSTANCE, ScaledNvfp4.INSTANCE),
    MLX_AFFINE_GPTQ(MlxAffine.of(4, 128, ScaleType.BF16), gptq(Zero.POINT, ScaleType.BF16)),
    GPTQ_CT(gptq(Zero.NONE, ScaleType.BF16), ct(Zero.NONE, ScaleType.BF16)),
    CT_GPTQ(ct(Zero.NONE, ScaleType.BF16), gptq(Zero.NONE, ScaleType.BF16)),
    AWQ_CT(new AwqPacking(int4(Zero.POINT, ScaleType.F16)), ct(Zero.POINT, ScaleType.F16)),
    CT_AWQ(ct(Zero.POINT, ScaleType.F16), new AwqPacking(int4(Zero.POINT, ScaleType.F16))),
    GGUF_Q4_0_MLX(new GroupedBlockPacking(DType.Q4_0), MlxAffine.of(4, 32, ScaleType.F16));

    private final GroupPacking from;
    private final GroupPacking to;

    Pair(GroupPacking from, GroupPacking to) {
      this.from = from;
      this.to = to;
    }

    private static IntScheme int4(Zero zero, ScaleType scales) {
      return new IntScheme(4, 128, scales, zero);
    }

    private static GroupPacking gptq(Zero zero, ScaleType scales) {
      return new GptqPacking(int4(zero, scales), GptqPacking.Version.V1, GptqPacking.Index.RUNS);
    }

    private static GroupPacking ct(Zero zero, ScaleType scales) {
      return new PackQuantized(int4(zero, scales));
    }
  }

  /// Where the bytes go.
  public enum Target {
    /// As fast as caches allow: a matrix of 24 MB may lie in the last of them.
    MEMORY,
    /// Into a new file, not forced to the disk.
    FILE
  }

  @Param Pair pair;
  @Param Target target;

  private final Arena arena = Arena.ofShared();
  private List<MemorySegment> source;
  private MemorySegment scratch;
  private MemorySegment copy;
  private Path file;

  @Setup
  public void setUp() throws IOException {
    source = pair.from.store(random(pair.from), arena);
    // Parts of the matrix lie in the heap; a checkpoint's bytes do not.
    source = source.stream().map(s -> arena.allocate(s.byteSize(), 64).copyFrom(s)).toList();
    scratch = arena.allocate(SPARE, 64);
    copy = arena.allocate(bytes(), 64);
    scratch.fill((byte) 1);
    file = Files.createTempFile("marlin-repack", ".bin");
  }

  @TearDown
  public void tearDown() throws IOException {
    Files.delete(file);
    arena.close();
  }

  /// Codes of any value under scales that every one of these grids can say, zero points of 1 to 8.
  private static QuantizedMatrix random(GroupPacking packing) {
    Random random = new Random(1);
    var scheme = packing.scheme();
    byte[] codes = new byte[(int) QuantizedMatrix.codeBytes(scheme, ROWS, COLS)];
    random.nextBytes(codes);
    int groups =
        (int) (QuantizedMatrix.scaleBytes(scheme, ROWS, COLS) / scheme.scaleType().bytes());
    MemorySegment scales = MemorySegment.ofArray(new byte[groups * scheme.scaleType().bytes()]);
    int zeroBytes = (int) QuantizedMatrix.zeroBytes(scheme, ROWS, COLS);
    MemorySegment zeros = zeroBytes == 0 ? null : MemorySegment.ofArray(new byte[zeroBytes]);
    for (int i = 0; i < groups; i++) {
      float scale = (16 + random.nextInt(16)) * 0x1p-10f;
      int point = 1 + random.nextInt(8);
      ScaleType type = scheme.scaleType();
      type.put(scales, i, type.nearest(type == ScaleType.E4M3 ? scale * 64 : scale));
      if (scheme.zero() == Zero.POINT) {
        zeros.set(java.lang.foreign.ValueLayout.JAVA_BYTE, i, (byte) point);
      } else if (zeros != null) {
        type.put(zeros, i, type.nearest(-point * type.value(type.nearest(scale))));
      }
    }
    TensorScale second =
        scheme.hasTensorScale()
            ? new TensorScale(packing.tensorScaleKind(), 0.5f)
            : TensorScale.NONE;
    return new QuantizedMatrix(
        scheme, ROWS, COLS, MemorySegment.ofArray(codes), scales, second, zeros, null);
  }

  private long bytes() {
    return source.stream().mapToLong(MemorySegment::byteSize).sum();
  }

  @Benchmark
  public List<MemorySegment> repack() throws IOException {
    SegmentAllocator memory = SegmentAllocator.slicingAllocator(scratch);
    QuantizedMatrix decoded = pair.from.decode(source, ROWS, COLS, memory);
    PackedMatrix matrix = Regrid.exact(decoded, pair.to.scheme(), memory).orElseThrow();
    Packing packing = pair.to;
    if (target == Target.FILE) {
      return written(packing.store(matrix, memory));
    }
    List<MemorySegment> planes = new ArrayList<>();
    for (MemorySegment plane : packing.store(matrix, memory)) {
      boolean view = source.stream().anyMatch(s -> s.asOverlappingSlice(plane).isPresent());
      planes.add(view ? memory.allocate(plane.byteSize(), 64).copyFrom(plane) : plane);
    }
    return planes;
  }

  private List<MemorySegment> written(List<MemorySegment> bytes) throws IOException {
    // Nothing is left of the last round's, so that pages are taken afresh.
    try (FileChannel out = FileChannel.open(file, WRITE, TRUNCATE_EXISTING)) {
      for (MemorySegment s : bytes) {
        for (long at = 0; at < s.byteSize(); at += CHUNK) {
          ByteBuffer chunk = s.asSlice(at, Math.min(CHUNK, s.byteSize() - at)).asByteBuffer();
          while (chunk.hasRemaining()) {
            out.write(chunk);
          }
        }
      }
    }
    return bytes;
  }

  @Benchmark
  public Object copy() throws IOException {
    if (target == Target.FILE) {
      return written(source);
    }
    long at = 0;
    for (MemorySegment s : source) {
      MemorySegment.copy(s, 0, copy, at, s.byteSize());
      at += s.byteSize();
    }
    return copy;
  }

  /// Quick measurement: `RepackBenchmark [pairs...]`, GB of source per CPU second of this thread,
  /// median of the rounds after warm-up, and the share of the copy. Each pair has a virtual machine
  /// of its own, as in a conversion: compiled for several pairs, kernels are half as fast.
  public static void main(String[] args) throws Exception {
    if (args.length == 1) {
      for (Target target : Target.values()) {
        measure(Pair.valueOf(args[0]), target);
      }
      return;
    }
    System.out.printf("%-20s %-7s %8s %8s %6s%n", "pair", "into", "repack", "copy", "share");
    for (Pair pair : Pair.values()) {
      if (args.length == 0 || List.of(args).contains(pair.name())) {
        fork(pair);
      }
    }
  }

  private static void fork(Pair pair) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(RepackBenchmark.class.getName(), pair.name()));
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      throw new IllegalStateException(pair + " failed");
    }
  }

  private static void measure(Pair pair, Target target) throws Exception {
    RepackBenchmark b = new RepackBenchmark();
    b.pair = pair;
    b.target = target;
    b.setUp();
    double repack = b.rate(b::repack);
    double copy = b.rate(b::copy);
    System.out.printf(
        "%-20s %-7s %8.2f %8.2f %5.0f%%%n", pair, target, repack, copy, 100 * repack / copy);
    b.tearDown();
  }

  private double rate(Callable<?> work) throws Exception {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    List<Double> rates = new ArrayList<>();
    for (int round = 0; round < 60; round++) {
      long cpu = threads.getCurrentThreadCpuTime();
      work.call();
      rates.add(bytes() / (double) (threads.getCurrentThreadCpuTime() - cpu));
    }
    return rates.subList(30, 60).stream().sorted().toList().get(15);
  }
}
