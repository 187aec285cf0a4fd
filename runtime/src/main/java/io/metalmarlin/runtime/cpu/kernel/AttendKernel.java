package io.metalmarlin.runtime.cpu.kernel;

import java.lang.foreign.MemorySegment;

/// Attention of one query of one head over all its keys: the decoding case.
public interface AttendKernel {
  /// `out = softmax(scale q K') V` over `keys` rows.
  ///
  /// @param q `headDim` floats at byte `qOffset`; likewise `out`
  /// @param k key `t` starts at byte `kvOffset + t * kvStride`; likewise `v`
  /// @param scores scratch for `keys` floats
  void attend(
      MemorySegment q,
      long qOffset,
      MemorySegment k,
      MemorySegment v,
      long kvOffset,
      long kvStride,
      int keys,
      int headDim,
      float scale,
      MemorySegment scores,
      MemorySegment out,
      long outOffset);
}
