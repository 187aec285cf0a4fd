package io.metalmarlin.runtime.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.cache.CacheFormat;
import io.metalmarlin.runtime.cache.CacheFormats;
import io.metalmarlin.runtime.cache.CacheRows;
import io.metalmarlin.runtime.model.Alibi;
import io.metalmarlin.runtime.model.Heads;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.Scores;
import io.metalmarlin.runtime.model.Sequences;
import io.metalmarlin.runtime.model.Span;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Attention through a rounded cache against rounding everything first and attending by definition,
/// in fp64; however the tokens are cut into batches.
class CachedAttentionTest {
  private static final int TOKENS = 150;

  static Stream<Arguments> cases() {
    Optional<Alibi> none = Optional.empty();
    Optional<Alibi> slopes = Optional.of(new Alibi(List.of(.05f, .02f, .01f, .1f), 1, false));
    float[] sinks = {0.3f, -2, 4, 1};
    Heads grouped = new Heads(4, 2, 64, 48);
    return CacheFormats.ALL.stream()
        .flatMap(f ->
            Stream.of(
                Arguments.of(f, "plain", grouped, Scores.plain(.125f), new float[0]),
                Arguments.of(
                    f, "one key head", new Heads(4, 1, 20, 6), Scores.plain(.2f), new float[0]),
                Arguments.of(
                    f, "window", grouped, new Scores(.1f, 0, Span.window(40), none), new float[0]),
                Arguments.of(
                    f, "narrow", grouped, new Scores(.1f, 0, Span.window(9), none), new float[0]),
                Arguments.of(
                    f, "chunk", grouped, new Scores(.1f, 0, Span.chunk(70), none), new float[0]),
                Arguments.of(f, "all", grouped, new Scores(.1f, 3, Span.FULL, slopes), sinks)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void equals_rounding_first_and_attending_then(
      CacheFormat format, String name, Heads heads, Scores scores, float[] sinks) {
    CpuTensor q = random(heads.queryWidth(), 1);
    CpuTensor k = random(heads.keyWidth(), 2);
    CpuTensor v = random(heads.valueWidth(), 3);
    float[] expected = naive(format, heads, scores, sinks, q, k, v);
    for (CpuKernels kernels : CpuKernels.ALL) {
      for (int batch : new int[] {1, 3, 50, 70, TOKENS}) {
        float[] actual = attend(kernels, format, heads, scores, sinks, q, k, v, batch);
        String what = "%s kernels, %d at once".formatted(kernels.name(), batch);
        Near.check(what, actual, expected, 1e-4f);
      }
    }
  }

  @Test
  void heads_that_threads_share_give_what_one_thread_gives() {
    Heads heads = new Heads(8, 2, 512, 512);
    CpuTensor q = random(heads.queryWidth(), 1);
    CpuTensor k = random(heads.keyWidth(), 2);
    CpuTensor v = random(heads.valueWidth(), 3);
    CacheFormat format = CacheFormats.ALL.getLast();
    assertThat(
            attend(CpuKernels.SIMD, 5, format, heads, Scores.plain(.1f), new float[0], q, k, v, 1))
        .isEqualTo(
            attend(CpuKernels.SIMD, 1, format, heads, Scores.plain(.1f), new float[0], q, k, v, 1));
  }

  /// A cache as large as computed, and beside it nothing that grows with the context but a query's
  /// scores.
  @ParameterizedTest
  @MethodSource("formats")
  void a_long_context_is_never_held_in_full_precision(CacheFormat format) {
    Heads heads = new Heads(4, 2, 128, 128);
    int context = 4097;
    Scratch scratch = new Scratch();
    try (Workers workers = new Workers(1);
        CpuTensor q = CpuTensor.allocate(64, heads.queryWidth());
        CpuTensor k = CpuTensor.allocate(64, heads.keyWidth());
        CpuTensor v = CpuTensor.allocate(64, heads.valueWidth());
        CpuTensor out = CpuTensor.allocate(64, heads.mixedWidth());
        CpuAttentionOf of = CpuAttentionOf.kernels(CpuKernels.SIMD, workers, scratch);
        CpuKvCache cache = (CpuKvCache) of.cached().cache(spec(), context, format)) {
      for (int past = 0; past + 64 < context; past += 64) {
        Sequences some = new Sequences(1, 64, past);
        of.cached().run(heads, Scores.plain(1), new float[0], 0, q, k, v, some, cache, out);
      }
      Sequences last = new Sequences(1, 1, context - 1);
      of.cached()
          .run(
              heads,
              Scores.plain(1),
              new float[0],
              0,
              q.view(0, 1),
              k.view(0, 1),
              v.view(0, 1),
              last,
              cache,
              out.view(0, 1));
      long rows = 2L * heads.kvHeads() * context * format.bytes(128);
      long unrounded = 2L * heads.kvHeads() * (CacheFormat.EXACT - 1) * 128 * 4;
      assertThat(cache.bytes()).isEqualTo(rows + unrounded);
      long scores = 4L * 64 * (context + 1 + 95);
      long oneHead = 4L * context * 128;
      assertThat(scratch.bytes()).as("scores of 64 queries").isLessThanOrEqualTo(scores);
      assertThat(of.cached().bytes()).as("everything else").isLessThan(oneHead / 2);
    } finally {
      scratch.close();
    }
  }

  static Stream<CacheFormat> formats() {
    return CacheFormats.ALL.stream();
  }

  private record CpuAttentionOf(CpuCachedAttention cached) implements AutoCloseable {
    static CpuAttentionOf kernels(CpuKernels kernels, Workers workers, Scratch scratch) {
      CpuAttention plain = new CpuAttention(kernels, workers, scratch);
      return new CpuAttentionOf(new CpuCachedAttention(kernels, workers, plain, scratch));
    }

    @Override
    public void close() {
      cached.close();
    }
  }

  private static float[] attend(
      CpuKernels kernels,
      CacheFormat format,
      Heads heads,
      Scores scores,
      float[] sinks,
      CpuTensor q,
      CpuTensor k,
      CpuTensor v,
      int batch) {
    return attend(kernels, 2, format, heads, scores, sinks, q, k, v, batch);
  }

  private static float[] attend(
      CpuKernels kernels,
      int threads,
      CacheFormat format,
      Heads heads,
      Scores scores,
      float[] sinks,
      CpuTensor q,
      CpuTensor k,
      CpuTensor v,
      int batch) {
    float[] before = Memory.array(q.data(), q.cols());
    try (CpuBackend backend = new CpuBackend(threads, kernels);
        var cache = backend.cache(spec(), TOKENS, format);
        CpuTensor out = CpuTensor.allocate(TOKENS, heads.mixedWidth())) {
      for (int past = 0; past < TOKENS; past += batch) {
        int to = Math.min(TOKENS, past + batch);
        backend.attention(
            heads,
            scores,
            sinks,
            0,
            q.view(past, to),
            k.view(past, to),
            v.view(past, to),
            new Sequences(1, to - past, past),
            cache,
            out.view(past, to));
      }
      assertThat(Memory.array(q.data(), q.cols())).as("queries are not changed").isEqualTo(before);
      return Memory.array(out.data(), TOKENS * heads.mixedWidth());
    }
  }

  private static float[] naive(
      CacheFormat format,
      Heads h,
      Scores rules,
      float[] sinks,
      CpuTensor q,
      CpuTensor k,
      CpuTensor v) {
    double[][] keys = rounded(format, k, h.kvHeads(), h.keyDim());
    double[][] values = rounded(format, v, h.kvHeads(), h.valueDim());
    float[] out = new float[TOKENS * h.mixedWidth()];
    for (int p = 0; p < TOKENS; p++) {
      for (int head = 0; head < h.heads(); head++) {
        int kv = head * h.kvHeads() / h.heads();
        int first = rules.span().first(p);
        double[] weights = new double[p + 1];
        double sum = sinks.length == 0 ? 0 : Math.exp(sinks[head]);
        for (int t = first; t <= p; t++) {
          double dot = 0;
          for (int i = 0; i < h.keyDim(); i++) {
            int at = kv * h.keyDim() + i;
            double key = p - t < CacheFormat.EXACT ? at(k, t, at) : keys[t][at];
            dot += at(q, p, head * h.keyDim() + i) * key;
          }
          dot *= rules.scale();
          dot = rules.softcap() == 0 ? dot : rules.softcap() * Math.tanh(dot / rules.softcap());
          dot += rules.alibi().isEmpty() ? 0 : rules.alibi().get().slopes().get(head) * t;
          weights[t] = Math.exp(dot);
          sum += weights[t];
        }
        for (int i = 0; i < h.valueDim(); i++) {
          double y = 0;
          for (int t = first; t <= p; t++) {
            int at = kv * h.valueDim() + i;
            y += weights[t] / sum * (p - t < CacheFormat.EXACT ? at(v, t, at) : values[t][at]);
          }
          out[p * h.mixedWidth() + head * h.valueDim() + i] = (float) y;
        }
      }
    }
    return out;
  }

  /// Every row rotated, rounded, read and rotated back by the definition.
  private static double[][] rounded(CacheFormat format, CpuTensor x, int heads, int width) {
    double[][] rows = new double[TOKENS][heads * width];
    int block = Integer.lowestOneBit(width);
    MemorySegment bytes = Memory.floats(format.bytes(width));
    MemorySegment decoded = Memory.floats(width);
    for (int t = 0; t < TOKENS; t++) {
      for (int h = 0; h < heads; h++) {
        double[] row = new double[width];
        for (int i = 0; i < width; i++) {
          row[i] = at(x, t, h * width + i);
        }
        double[] turned = format.rotated() ? hadamard(row, block) : row;
        float[] single = new float[width];
        for (int i = 0; i < width; i++) {
          single[i] = (float) turned[i];
        }
        CacheRows.encode(format, single, width, bytes, 0);
        CacheRows.decode(format, bytes, 0, 0, width, decoded, 0);
        for (int i = 0; i < width; i++) {
          turned[i] = decoded.getAtIndex(JAVA_FLOAT, i);
        }
        double[] back = format.rotated() ? hadamard(turned, block) : turned;
        System.arraycopy(back, 0, rows[t], h * width, width);
      }
    }
    return rows;
  }

  /// By the entries of the matrix: `(-1)^popcount(i & j) / sqrt(block)`.
  private static double[] hadamard(double[] x, int block) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < block; j++) {
        int sign = Integer.bitCount(i % block & j) % 2 == 0 ? 1 : -1;
        y[i] += sign * x[i / block * block + j] / Math.sqrt(block);
      }
    }
    return y;
  }

  @Test
  void rotating_queries_and_keys_changes_no_product() {
    for (int width : new int[] {16, 20, 64, 96, 128}) {
      double[] q = doubles(Memory.random(width, 1), width);
      double[] k = doubles(Memory.random(width, 2), width);
      int block = Integer.lowestOneBit(width);
      MemorySegment turned = Memory.copy(Memory.random(width, 1));
      MemorySegment turnedKey = Memory.copy(Memory.random(width, 2));
      CpuKernels.SIMD.rows().hadamard(turned, 0, width, block);
      CpuKernels.SIMD.rows().hadamard(turnedKey, 0, width, block);
      double[] qh = doubles(turned, width);
      double[] kh = doubles(turnedKey, width);
      double plain = 0;
      double rotated = 0;
      for (int i = 0; i < width; i++) {
        plain += q[i] * k[i];
        rotated += qh[i] * kh[i];
      }
      assertThat(rotated).isCloseTo(plain, Offset.offset(1e-5));
    }
  }

  private static double[] doubles(MemorySegment s, int n) {
    double[] d = new double[n];
    for (int i = 0; i < n; i++) {
      d[i] = s.getAtIndex(JAVA_FLOAT, i);
    }
    return d;
  }

  private static double at(CpuTensor t, int row, int col) {
    return t.data().getAtIndex(JAVA_FLOAT, (long) row * t.cols() + col);
  }

  private static CpuTensor random(int cols, long seed) {
    CpuTensor t = CpuTensor.allocate(TOKENS, cols);
    t.data().copyFrom(Memory.random(TOKENS * cols, seed).asSlice(0, 4L * TOKENS * cols));
    return t;
  }

  /// One block; a cache asks for nothing else.
  private static ModelSpec spec() {
    List<ModelSpec.Block> one = List.of(new ModelSpec.Block(0, List.of(), false));
    return new ModelSpec("test", 1, 1, 1, null, one, Optional.empty(), null, null, List.of());
  }
}
