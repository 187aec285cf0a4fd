package io.metalmarlin.runtime.cpu.kernel;

import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Mlp;
import java.lang.foreign.MemorySegment;

/// The elementwise and row-wise steps of a decoder block, one row (or head of a row) a call.
/// Offsets are bytes; rows are contiguous fp32.
public interface RowKernel {
  /// `out = x / sqrt(mean(x^2) + epsilon) * gamma` over `n` values; `out` may be `x`.
  ///
  /// @param gamma the factors stand from `gammaOffset` on
  void rmsNorm(
      MemorySegment x,
      long xOffset,
      float[] gamma,
      int gammaOffset,
      int n,
      float epsilon,
      MemorySegment out,
      long outOffset);

  /// `out = (x - mean(x)) / sqrt(var(x) + epsilon) * gamma` over `n` values; `out` may be `x`.
  void layerNorm(
      MemorySegment x,
      long xOffset,
      float[] gamma,
      int gammaOffset,
      int n,
      float epsilon,
      MemorySegment out,
      long outOffset);

  /// Rotary embedding of one head in place: pair `i` is `(i, i + half)`, turned by the angle whose
  /// cosine and sine stand at `tableOffset + i`.
  void rotate(
      MemorySegment x, long xOffset, int half, float[] cosines, float[] sines, int tableOffset);

  /// The same for pairs `(2i, 2i + 1)`.
  void rotateNeighbours(
      MemorySegment x, long xOffset, int half, float[] cosines, float[] sines, int tableOffset);

  /// `gate = activation(gate) * up`, in place.
  void gate(
      Activation activation,
      MemorySegment gate,
      long gateOffset,
      MemorySegment up,
      long upOffset,
      int n);

  /// `gate = g sigmoid(alpha g) (u + 1)` of the clamped gate and up, in place.
  void clampedGate(
      Mlp.Clamp clamp, MemorySegment gate, long gateOffset, MemorySegment up, long upOffset, int n);

  /// `x = activation(x)`, in place.
  void activate(Activation activation, MemorySegment x, long xOffset, int n);

  /// `x = cap * tanh(x / cap)`.
  void softcap(MemorySegment x, long xOffset, int n, float cap);

  /// `x += y`.
  void add(MemorySegment x, long xOffset, MemorySegment y, long yOffset, int n);

  /// `x += bias`, whose `n` values stand from `biasOffset` on.
  void addBias(MemorySegment x, long xOffset, float[] bias, int biasOffset, int n);

  /// `x *= factor`.
  void scale(MemorySegment x, long xOffset, int n, float factor);

  /// Replaces the first `valid` of `width` scores by `exp(score - max)` and the rest by 0.
  ///
  /// @return the sum of the exponentials
  float exponentials(MemorySegment scores, long offset, int valid, int width);

  /// Multiplies each block of `block` consecutive values by the Sylvester Hadamard matrix divided
  /// by `sqrt(block)`, in place.
  ///
  /// @param block power of two that divides `n`
  void hadamard(MemorySegment x, long xOffset, int n, int block);
}
