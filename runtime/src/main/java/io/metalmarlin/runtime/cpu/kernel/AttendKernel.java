package io.metalmarlin.runtime.cpu.kernel;

import java.lang.foreign.MemorySegment;

/// Attention of one query of one head over all its keys, the decoding case: what comes before the
/// softmax and what comes after it.
public interface AttendKernel {
  /// `scores[t] = scale * q . k[t]` for `keys` rows.
  ///
  /// @param q `keyDim` floats at byte `qOffset`
  /// @param k key `t` starts at byte `kOffset + t * kStride`
  /// @param scores room for `keys` floats
  void scores(
      MemorySegment q,
      long qOffset,
      MemorySegment k,
      long kOffset,
      long kStride,
      int keys,
      int keyDim,
      float scale,
      MemorySegment scores);

  /// `out = factor * sum(weights[t] * v[t])` over `keys` rows.
  ///
  /// @param v value `t` starts at byte `vOffset + t * vStride`
  /// @param out `valueDim` floats at byte `outOffset`
  void mix(
      MemorySegment weights,
      float factor,
      MemorySegment v,
      long vOffset,
      long vStride,
      int keys,
      int valueDim,
      MemorySegment out,
      long outOffset);
}
