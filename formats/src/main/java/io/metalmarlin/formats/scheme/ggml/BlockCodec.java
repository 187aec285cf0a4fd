package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// One block type of ggml: decodes every block, encodes rows of the writable types.
///
/// Both directions compute in strict fp32, every operation rounded on its own, in ggml's order, so
/// values and bytes equal those of an x86-64 build of ggml without contraction to fused
/// multiply-add. Codecs hold no state and may be shared between threads.
public interface BlockCodec {
  /// The type; its [DType#blockElements] and [DType#blockBytes] are the unit of both directions.
  DType type();

  /// Decodes `count` blocks that start at byte `offset` of `blocks` to `out[at .. at + count *
  /// blockElements)`. Any bytes are a valid block.
  ///
  /// @throws IndexOutOfBoundsException if blocks or values do not fit
  void decode(MemorySegment blocks, long offset, int count, float[] out, int at);

  /// Whether [#encodeRow] is supported.
  boolean writes();

  /// Encodes one row of a matrix, `x[from .. from + cols)`, to `out[at ..]`, the bytes that ggml's
  /// `ggml_quantize_chunk` writes for it.
  ///
  /// With an importance (the mean square of each input channel, `importance[importanceFrom ..
  /// importanceFrom + cols)`) the scales minimise the error weighted by it, where the type has such
  /// a search; a row is the unit because some types also use the mean square of the whole row.
  ///
  /// @throws IllegalArgumentException unless `cols` is a multiple of the block's elements
  /// @throws UnsupportedOperationException for a type that is only read
  void encodeRow(
      float[] x,
      int from,
      int cols,
      float @Nullable [] importance,
      int importanceFrom,
      byte[] out,
      int at);
}
