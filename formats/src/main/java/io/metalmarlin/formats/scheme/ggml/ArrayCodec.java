package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What the codecs share: blocks are copied to an array in portions that stay in the first cache
/// level, and each type handles one block of bytes. A type is read only unless it overrides both
/// [#writes] and [#encodeBlocks].
abstract class ArrayCodec implements BlockCodec {
  private static final int PORTION_BYTES = 8192;

  private final DType type;

  ArrayCodec(DType type) {
    this.type = type;
  }

  /// Decodes the block at `b[o ..]` to `y[at ..]`.
  abstract void decodeBlock(byte[] b, int o, float[] y, int at);

  @Override
  public final DType type() {
    return type;
  }

  @Override
  public final void decode(MemorySegment blocks, long offset, int count, float[] out, int at) {
    int elements = type.blockElements();
    int bytes = type.blockBytes();
    Objects.checkFromIndexSize(at, Math.multiplyExact(count, elements), out.length);
    int portion = Math.min(count, PORTION_BYTES / bytes);
    byte[] b = new byte[portion * bytes];
    for (int done = 0; done < count; done += portion) {
      int n = Math.min(portion, count - done);
      MemorySegment.copy(
          blocks, ValueLayout.JAVA_BYTE, offset + (long) done * bytes, b, 0, n * bytes);
      for (int k = 0; k < n; k++) {
        decodeBlock(b, k * bytes, out, at + (done + k) * elements);
      }
    }
  }

  @Override
  public boolean writes() {
    return false;
  }

  @Override
  public final void encodeRow(
      float[] x,
      int from,
      int cols,
      float @Nullable [] importance,
      int importanceFrom,
      byte[] out,
      int at) {
    if (cols % type.blockElements() != 0) {
      throw new IllegalArgumentException(
          "a row of " + cols + " is no multiple of the " + type.blockElements() + " of " + type);
    }
    Objects.checkFromIndexSize(from, cols, x.length);
    Objects.checkFromIndexSize(at, cols / type.blockElements() * type.blockBytes(), out.length);
    if (importance != null) {
      Objects.checkFromIndexSize(importanceFrom, cols, importance.length);
    }
    encodeBlocks(x, from, cols, importance, importanceFrom, out, at);
  }

  /// [#encodeRow] after its checks.
  void encodeBlocks(
      float[] x,
      int from,
      int cols,
      float @Nullable [] importance,
      int importanceFrom,
      byte[] out,
      int at) {
    throw new UnsupportedOperationException(type + " is only read");
  }
}
