package io.metalmarlin.runtime.cpu;

import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Columns;
import io.metalmarlin.runtime.backend.KvCache;
import io.metalmarlin.runtime.backend.Matrix;
import io.metalmarlin.runtime.backend.NormWeights;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.blas.OpenBlas;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.cache.CacheFormat;
import io.metalmarlin.runtime.cpu.kernel.DirectSchemes;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Heads;
import io.metalmarlin.runtime.model.Mlp;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.Recurrence;
import io.metalmarlin.runtime.model.Rope;
import io.metalmarlin.runtime.model.Scores;
import io.metalmarlin.runtime.model.Sequences;
import io.metalmarlin.runtime.model.StoredMatrix;
import java.lang.foreign.MemorySegment;
import java.util.function.IntConsumer;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/// The processor as a device: fp32 arithmetic throughout, weights read in their stored form, work
/// cut into pieces of fixed size that any number of threads may share. Operations finish before
/// they return.
///
/// One caller at a time; the worker threads belong to the backend.
public final class CpuBackend implements Backend {
  private static final int ROWS_A_PIECE = 64;

  private final CpuKernels kernels;
  private final Workers workers;
  private final Scratch scratch = new Scratch();
  private final Scratch prepared = new Scratch();
  private final Scratch transformed = new Scratch();
  private final CpuProducts products;
  private final CpuAttention attention;
  private final CpuCachedAttention cached;
  private final CpuNorms norms;
  private final RopeTables ropes = new RopeTables();

  public CpuBackend(int threads) {
    this(threads, CpuKernels.SIMD);
  }

  /// @param kernels [CpuKernels#SIMD], or [CpuKernels#SCALAR] for a slow reference
  public CpuBackend(int threads, CpuKernels kernels) {
    this.kernels = kernels;
    this.workers = new Workers(threads);
    this.products = new CpuProducts(kernels, workers, scratch, prepared);
    this.attention = new CpuAttention(kernels, workers, scratch);
    this.cached = new CpuCachedAttention(kernels, workers, attention, scratch);
    this.norms = new CpuNorms(kernels);
  }

  @Override
  public String name() {
    return "cpu (%s kernels, %d-bit vectors, OpenBLAS %s, %d threads)"
        .formatted(
            kernels.name(),
            FloatVector.SPECIES_PREFERRED.vectorBitSize(),
            OpenBlas.coreName(),
            workers.threads());
  }

  /// True for NVFP4, Q8_0 and Q4_0, for integers of 2, 4 and 8 bits in groups of a power of two or
  /// whole rows, and for 2:4 sparse weights of NVFP4 and of 4-bit integers without zero points:
  /// their codes the decoding kernels (at most four rows) read directly. Products with more rows
  /// decode panels of weights to fp32 first whatever the scheme: there BLAS is faster than any
  /// kernel that unpacks as it goes.
  @Override
  public boolean fused(Scheme scheme) {
    return DirectSchemes.any(scheme);
  }

  @Override
  public Tensor allocate(int rows, int cols) {
    return CpuTensor.allocate(rows, cols);
  }

  @Override
  public Tensor rows(Tensor source, int from, int to) {
    return cpu(source).view(from, to);
  }

  @Override
  public Tensor reshape(Tensor source, int rows, int cols) {
    return cpu(source).reshape(rows, cols);
  }

  @Override
  public void write(Tensor target, MemorySegment values) {
    CpuTensor t = cpu(target);
    MemorySegment.copy(values, 0, t.data(), 0, t.data().byteSize());
  }

  @Override
  public void read(Tensor source, MemorySegment target) {
    CpuTensor t = cpu(source);
    MemorySegment.copy(t.data(), 0, target, 0, t.data().byteSize());
  }

  @Override
  public MemorySegment host(Tensor source) {
    return cpu(source).data();
  }

  @Override
  public Matrix upload(StoredMatrix matrix) {
    return new CpuMatrix(matrix, kernels.weightsFor(matrix).open(matrix));
  }

  @Override
  public void embed(Matrix table, int[] ids, Tensor out) {
    CpuMatrix m = (CpuMatrix) table;
    CpuTensor o = cpu(out);
    require(o.rows() == ids.length && o.cols() == m.cols(), "embedding", o, m);
    for (int i = 0; i < ids.length; i++) {
      require(ids[i] >= 0 && ids[i] < m.rows(), "token id " + ids[i], o, m);
      m.kernel().decode(m.stored(), ids[i], ids[i] + 1, o.data().asSlice(o.offset(i)));
    }
  }

  @Override
  public void norm(Tensor x, NormWeights weights, Tensor out) {
    CpuTensor from = cpu(x);
    CpuTensor to = cpu(out);
    require(same(from, to), "norm", from, to);
    require(from.cols() % weights.gamma().length == 0, "norm", from, weights);
    eachRow(from.rows(), r -> norms.row(from, weights, to, r));
  }

  @Override
  public void matmul(Tensor x, Matrix w, float @Nullable [] bias, Tensor out) {
    CpuTensor from = cpu(x);
    CpuTensor to = cpu(out);
    CpuMatrix m = (CpuMatrix) w;
    require(from.cols() == m.cols() && to.cols() == m.rows(), "product", from, m);
    require(from.rows() == to.rows(), "product", from, to);
    CpuTensor input = from;
    if (m.stored() instanceof StoredMatrix.Packed p && p.transform().isPresent()) {
      input = CpuTensor.over(transformed.floats((long) from.rows() * from.cols()), from);
      transform(from, p.transform().get().blockSize(), input);
    }
    products.multiply(input, m, to);
    if (bias != null) {
      eachRow(
          to.rows(), r -> kernels.rows().addBias(to.data(), to.offset(r), bias, 0, bias.length));
    }
  }

  private void transform(CpuTensor x, int block, CpuTensor out) {
    eachRow(
        x.rows(),
        r -> {
          MemorySegment.copy(x.data(), x.offset(r), out.data(), out.offset(r), 4L * x.cols());
          kernels.rows().hadamard(out.data(), out.offset(r), out.cols(), block);
        });
  }

  @Override
  public void rope(Tensor x, Rope rope, int headDim, Sequences sequences) {
    CpuTensor t = cpu(x);
    require(t.rows() == sequences.rows() && t.cols() % headDim == 0, "rope", t, t);
    require(2 * rope.pairs() <= headDim, "rope of " + rope.pairs() + " pairs", t, t);
    int tokens = sequences.past() + sequences.length();
    RopeTable table = ropes.of(rope.at(tokens), tokens);
    float[] cosines = table.cosines();
    float[] sines = table.sines();
    int pairs = rope.pairs();
    eachRow(
        t.rows(),
        r -> {
          int at = (sequences.past() + r % sequences.length()) * pairs;
          for (int c = 0; c < t.cols(); c += headDim) {
            long head = t.offset(r) + 4L * c;
            if (rope.neighbours()) {
              kernels.rows().rotateNeighbours(t.data(), head, pairs, cosines, sines, at);
            } else {
              kernels.rows().rotate(t.data(), head, pairs, cosines, sines, at);
            }
          }
        });
  }

  @Override
  public void attention(
      Heads heads,
      Scores scores,
      float[] sinks,
      int layer,
      Tensor q,
      Tensor k,
      Tensor v,
      Sequences sequences,
      @Nullable KvCache cache,
      Tensor out) {
    CpuTensor queries = cpu(q);
    CpuTensor to = cpu(out);
    int rows = sequences.rows();
    require(queries.rows() == rows && to.rows() == rows, "attention", queries, to);
    require(queries.cols() == heads.queryWidth(), "attention", queries, heads);
    require(to.cols() == heads.mixedWidth(), "attention", to, heads);
    require(k.rows() == rows && v.rows() == rows, "attention", k, v);
    require(k.cols() == heads.keyWidth() && v.cols() == heads.valueWidth(), "attention", k, v);
    CpuTensor keys = cpu(k);
    CpuTensor values = cpu(v);
    if (cache == null) {
      require(sequences.past() == 0, "attention without a cache", queries, to);
      attention.run(
          new CpuAttention.Call(
              heads, scores, sinks, sequences, queries, keys.data(), values.data(), to));
    } else {
      require(sequences.count() == 1, "attention with a cache", queries, to);
      CpuKvCache c = (CpuKvCache) cache;
      cached.run(heads, scores, sinks, layer, queries, keys, values, sequences, c, to);
    }
  }

  @Override
  public void convolve(
      Tensor x, float[] kernel, Sequences sequences, @Nullable Tensor state, Tensor out) {
    var call =
        new CpuConvolution(cpu(x), kernel, sequences, state == null ? null : cpu(state), cpu(out));
    eachRow(x.rows(), call::row);
    call.keep();
  }

  @Override
  public void decay(Tensor x, float[] rates, float[] shifts) {
    eachRow(x.rows(), r -> CpuDecays.row(cpu(x), rates, shifts, r));
  }

  @Override
  public void recur(
      Recurrence heads,
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor decays,
      @Nullable Tensor rates,
      Sequences sequences,
      @Nullable Tensor state,
      Tensor out) {
    CpuTensor r = rates == null ? null : cpu(rates);
    CpuTensor s = state == null ? null : cpu(state);
    var call =
        new CpuRecurrence(heads, sequences, cpu(q), cpu(k), cpu(v), cpu(decays), r, s, cpu(out));
    workers.run(call.pieces(), call::piece);
  }

  @Override
  public void gate(Activation activation, Tensor gate, Tensor up) {
    CpuTensor g = cpu(gate);
    CpuTensor u = cpu(up);
    require(same(g, u), "gate", g, u);
    eachRow(
        g.rows(),
        r ->
            kernels
                .rows()
                .gate(activation, g.data(), g.offset(r), u.data(), u.offset(r), g.cols()));
  }

  @Override
  public void activate(Activation activation, Tensor x) {
    CpuTensor t = cpu(x);
    eachRow(t.rows(), r -> kernels.rows().activate(activation, t.data(), t.offset(r), t.cols()));
  }

  @Override
  public void add(Tensor x, Tensor y) {
    CpuTensor to = cpu(x);
    CpuTensor from = cpu(y);
    require(same(to, from), "sum", to, from);
    eachRow(
        to.rows(),
        r -> kernels.rows().add(to.data(), to.offset(r), from.data(), from.offset(r), to.cols()));
  }

  @Override
  public void scale(Tensor x, float factor) {
    CpuTensor t = cpu(x);
    eachRow(t.rows(), r -> kernels.rows().scale(t.data(), t.offset(r), t.cols(), factor));
  }

  @Override
  public void scaleRows(Tensor x, float[] factors) {
    CpuTensor t = cpu(x);
    require(factors.length == t.rows(), "row factors", t, factors.length);
    eachRow(t.rows(), r -> kernels.rows().scale(t.data(), t.offset(r), t.cols(), factors[r]));
  }

  @Override
  public void clampedGate(Mlp.Clamp clamp, Tensor gate, Tensor up) {
    CpuTensor g = cpu(gate);
    CpuTensor u = cpu(up);
    require(same(g, u), "gate", g, u);
    eachRow(
        g.rows(),
        r ->
            kernels
                .rows()
                .clampedGate(clamp, g.data(), g.offset(r), u.data(), u.offset(r), g.cols()));
  }

  @Override
  public void gather(Tensor from, int[] rows, Tensor out) {
    CpuTensor f = cpu(from);
    CpuTensor o = cpu(out);
    require(o.rows() == rows.length && o.cols() == f.cols(), "gather", f, o);
    eachRow(rows.length, i -> CpuCopies.row(f, rows[i], o, i));
  }

  @Override
  public void scatter(Tensor from, int[] rows, Tensor to) {
    CpuTensor f = cpu(from);
    CpuTensor t = cpu(to);
    require(f.rows() == rows.length && t.cols() == f.cols(), "scatter", f, t);
    eachRow(rows.length, i -> CpuCopies.row(f, i, t, rows[i]));
  }

  @Override
  public void addRows(Tensor from, int[] rows, float[] factors, Tensor to) {
    CpuTensor f = cpu(from);
    CpuTensor t = cpu(to);
    require(f.rows() == rows.length && t.cols() == f.cols(), "sum of rows", f, t);
    require(factors.length == rows.length, "row factors", f, factors.length);
    scaleRows(f, factors);
    eachRow(
        rows.length,
        i -> kernels.rows().add(t.data(), t.offset(rows[i]), f.data(), f.offset(i), t.cols()));
  }

  @Override
  public void clear(Tensor x) {
    cpu(x).data().fill((byte) 0);
  }

  @Override
  public void softcap(Tensor x, float cap) {
    CpuTensor t = cpu(x);
    eachRow(t.rows(), r -> kernels.rows().softcap(t.data(), t.offset(r), t.cols(), cap));
  }

  @Override
  public void copy(Tensor from, Columns source, Tensor to, Columns target) {
    require(from.rows() == to.rows(), "copy", from, to);
    require(source.total() == target.total(), "copy", source, target);
    CpuTensor f = cpu(from);
    CpuTensor t = cpu(to);
    eachRow(f.rows(), r -> CpuCopies.row(f, source, t, target, r));
  }

  @Override
  public KvCache cache(ModelSpec spec, int capacity, @Nullable CacheFormat format) {
    return cached.cache(spec, capacity, format);
  }

  @Override
  public void close() {
    workers.close();
    scratch.close();
    prepared.close();
    transformed.close();
    cached.close();
  }

  private void eachRow(int rows, IntConsumer row) {
    workers.run(
        Math.ceilDiv(rows, ROWS_A_PIECE),
        piece -> {
          int end = Math.min(rows, (piece + 1) * ROWS_A_PIECE);
          for (int r = piece * ROWS_A_PIECE; r < end; r++) {
            row.accept(r);
          }
        });
  }

  private static CpuTensor cpu(Tensor t) {
    return (CpuTensor) t;
  }

  private static boolean same(Tensor a, Tensor b) {
    return a.rows() == b.rows() && a.cols() == b.cols();
  }

  private static void require(boolean holds, String what, Object a, Object b) {
    if (!holds) {
      throw new IllegalArgumentException(what + " does not fit: " + a + " and " + b);
    }
  }
}
