package io.metalmarlin.runtime.backend;

import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.runtime.cache.CacheFormat;
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
import org.jspecify.annotations.Nullable;

/// A device that runs the operations of a decoder in the order in which they are called. [#read] is
/// the only call that waits for results.
///
/// Outputs never alias inputs unless the method says so. All tensors are fp32.
public interface Backend extends AutoCloseable {
  /// Name and what it found, for example `cpu (AVX-512, OpenBLAS 0.3.31 SkylakeX, 2 threads)`.
  String name();

  /// Whether a product with this scheme reads the packed codes directly. Where false the matrix is
  /// decoded tile by tile before the product, which callers must be able to report.
  boolean fused(Scheme scheme);

  /// A zeroed tensor.
  Tensor allocate(int rows, int cols);

  /// The rows `[from, to)` of a tensor as a view of the same memory, valid as long as the tensor;
  /// closing the view frees nothing.
  Tensor rows(Tensor source, int from, int to);

  /// The values of a tensor in rows of another width, as a view like that of [#rows].
  Tensor reshape(Tensor source, int rows, int cols);

  /// Copies fp32 values in; `values` holds `rows * cols` floats.
  void write(Tensor target, MemorySegment values);

  /// Waits for all earlier operations and copies the values out.
  void read(Tensor source, MemorySegment target);

  /// Waits for all earlier operations and gives the values as host memory, only to be read: the
  /// tensor's own memory where the device shares it, a copy elsewhere. Valid until the next
  /// operation.
  MemorySegment host(Tensor source);

  /// Makes a matrix usable; on a CPU a view, elsewhere an upload.
  Matrix upload(StoredMatrix matrix);

  /// Copies row `ids[i]` of the table to row `i` of `out`.
  void embed(Matrix table, int[] ids, Tensor out);

  /// The norm of each group of `weights.group()` columns of each row; `out` may be `x`.
  void norm(Tensor x, NormWeights weights, Tensor out);

  /// `out = T(x) W' + bias`, where T is the matrix's input transform if it has one.
  void matmul(Tensor x, Matrix w, float @Nullable [] bias, Tensor out);

  /// Rotates each head of `x` by its row's position; in place.
  ///
  /// @param headDim columns of a head, of which the rope turns the first
  void rope(Tensor x, Rope rope, int headDim, Sequences sequences);

  /// Causal attention inside each sequence. With a cache (one sequence only) k and v are appended
  /// to it first and the cached positions are attended too.
  ///
  /// @param sinks a score per head that takes part in the softmax and has no value; empty for none
  /// @param layer where in the cache; one attention a layer
  void attention(
      Heads heads,
      Scores scores,
      float[] sinks,
      int layer,
      Tensor q,
      Tensor k,
      Tensor v,
      Sequences sequences,
      @Nullable KvCache cache,
      Tensor out);

  /// Causal convolution of each column by itself, inside each sequence: row `t` of `out` is the sum
  /// over `j` of `kernel[j] * x[t - width + 1 + j]`. `out` is not `x`.
  ///
  /// @param kernel `[columns, width]`
  /// @param state of one sequence: the `width - 1` rows that came before, which become the last
  ///   ones; null where nothing came before and nothing follows
  void convolve(Tensor x, float[] kernel, Sequences sequences, @Nullable Tensor state, Tensor out);

  /// `x = exp(-rates[c] * softplus(x + shifts[c]))` in each column `c`; in place.
  void decay(Tensor x, float[] rates, float[] shifts);

  /// Token by token, for each value head with its memory `S`, zero at first: `S = decay S; S += k'
  /// u; out = q S`, where `u` is `v` or, with rates, `rate (v - k S)`.
  ///
  /// @param decays a column for each value head
  /// @param rates likewise
  /// @param state of one sequence: the memories `[valueHeads * keyDim, valueDim]`, which go on from
  ///   there; null where nothing came before and nothing follows
  void recur(
      Recurrence heads,
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor decays,
      @Nullable Tensor rates,
      Sequences sequences,
      @Nullable Tensor state,
      Tensor out);

  /// `gate = activation(gate) * up`; in place.
  void gate(Activation activation, Tensor gate, Tensor up);

  /// `x = activation(x)`; in place.
  void activate(Activation activation, Tensor x);

  /// `x += y`.
  void add(Tensor x, Tensor y);

  /// `x *= factor`.
  void scale(Tensor x, float factor);

  /// Row `r` of `x` times `factors[r]`; in place.
  void scaleRows(Tensor x, float[] factors);

  /// `gate = g sigmoid(alpha g) (u + 1)`, where `g` is `gate`, at most `limit`, and `u` is `up`,
  /// between `-limit` and `limit`; in place.
  void clampedGate(Mlp.Clamp clamp, Tensor gate, Tensor up);

  /// Row `i` of `out` is row `rows[i]` of `from`.
  void gather(Tensor from, int[] rows, Tensor out);

  /// Row `rows[i]` of `to` becomes row `i` of `from`; no row twice.
  void scatter(Tensor from, int[] rows, Tensor to);

  /// Row `rows[i]` of `to` grows by `factors[i]` times row `i` of `from`, which is scaled in place;
  /// no row twice.
  void addRows(Tensor from, int[] rows, float[] factors, Tensor to);

  /// All values become 0.
  void clear(Tensor x);

  /// `x = cap * tanh(x / cap)`; in place.
  void softcap(Tensor x, float cap);

  /// Copies columns of each row of `from` to columns of the same row of `to`, as many in the same
  /// order.
  void copy(Tensor from, Columns source, Tensor to, Columns target);

  /// An empty cache for one sequence of at most `capacity` tokens.
  ///
  /// @param format how keys and values are stored; null for fp32
  KvCache cache(ModelSpec spec, int capacity, @Nullable CacheFormat format);

  @Override
  void close();
}
