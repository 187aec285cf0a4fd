package io.metalmarlin.formats.scheme;

import io.metalmarlin.formats.scheme.ggml.BlockCodecs;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;

/// A matrix in blocks of a ggml type, row after row.
///
/// @param type a block type whose block divides `cols`
/// @param blocks `rows * cols / blockElements` blocks
public record BlockMatrix(DType type, int rows, int cols, MemorySegment blocks)
    implements PackedMatrix {
  public BlockMatrix {
    if (cols % type.blockElements() != 0) {
      throw new IllegalArgumentException(cols + " columns are no whole blocks of " + type);
    }
    long expected = (long) rows * (cols / type.blockElements()) * type.blockBytes();
    if (blocks.byteSize() != expected) {
      throw new IllegalArgumentException(
          "%s %dx%d needs %d bytes, got %d"
              .formatted(type, rows, cols, expected, blocks.byteSize()));
    }
  }

  @Override
  public BlockScheme scheme() {
    return new BlockScheme(type);
  }

  /// Bytes of one row.
  public long stride() {
    return (long) (cols / type.blockElements()) * type.blockBytes();
  }

  /// A view of the rows `[from, to)`.
  public BlockMatrix rows(int from, int to) {
    return new BlockMatrix(
        type, to - from, cols, blocks.asSlice(from * stride(), (to - from) * stride()));
  }

  @Override
  public void decode(int fromRow, int toRow, float[] out) {
    int count = (toRow - fromRow) * (cols / type.blockElements());
    BlockCodecs.of(type).decode(blocks, fromRow * stride(), count, out, 0);
  }
}
