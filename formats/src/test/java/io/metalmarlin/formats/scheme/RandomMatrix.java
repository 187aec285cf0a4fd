package io.metalmarlin.formats.scheme;

import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/// Matrices of random codes, finite random scales and random zeros.
final class RandomMatrix {
  private RandomMatrix() {}

  static PackedMatrix of(Packing packing, long seed, int rows, int cols) {
    SplittableRandom r = new SplittableRandom(seed);
    if (packing instanceof ColumnScaledPacking p) {
      float[] factors = new float[cols];
      for (int i = 0; i < cols; i++) {
        // Any of the 16-bit types holds it.
        factors[i] = (1 + r.nextInt(100)) / 64f;
      }
      return new ColumnScaled(of(p.inner(), seed, rows, cols), factors);
    }
    return switch (packing.scheme()) {
      case GroupScheme s -> group(s, tensorScale(packing), r, rows, cols);
      case BlockScheme s ->
          new BlockMatrix(
              s.type(),
              rows,
              cols,
              bytes(r, (long) rows * (cols / s.type().blockElements()) * s.type().blockBytes()));
      case TrellisScheme s ->
          new TrellisMatrix(s, group(s.symbols(), TensorScale.NONE, r, rows, cols));
      case Sparse24Scheme s -> {
        byte[] patterns = new byte[rows * Sparse24Matrix.stride(cols)];
        for (int row = 0; row < rows; row++) {
          for (int quad = 0; quad < cols / 4; quad++) {
            int bit = 3 * quad;
            int shifted = r.nextInt(6) << bit % 8;
            int at = row * Sparse24Matrix.stride(cols) + bit / 8;
            patterns[at] |= (byte) shifted;
            if (shifted > 0xff) {
              patterns[at + 1] |= (byte) (shifted >>> 8);
            }
          }
        }
        yield new Sparse24Matrix(
            group(s.values(), tensorScale(packing), r, rows, cols / 2),
            MemorySegment.ofArray(patterns));
      }
    };
  }

  static QuantizedMatrix of(GroupPacking packing, long seed, int rows, int cols) {
    return (QuantizedMatrix) of((Packing) packing, seed, rows, cols);
  }

  private static TensorScale tensorScale(Packing packing) {
    TensorScale.Kind kind =
        packing instanceof GroupPacking p ? p.tensorScaleKind() : TensorScale.Kind.DIVISOR;
    boolean has =
        packing.scheme() instanceof GroupScheme g
            ? g.hasTensorScale()
            : packing.scheme() instanceof Sparse24Scheme s && s.values().hasTensorScale();
    return has ? new TensorScale(kind, 0.37f) : TensorScale.NONE;
  }

  private static QuantizedMatrix group(
      GroupScheme s, TensorScale tensorScale, SplittableRandom r, int rows, int cols) {
    MemorySegment codes = bytes(r, QuantizedMatrix.codeBytes(s, rows, cols));
    MemorySegment scales = floats(s.scaleType(), r, QuantizedMatrix.scaleBytes(s, rows, cols));
    long zeroBytes = QuantizedMatrix.zeroBytes(s, rows, cols);
    MemorySegment zeros = null;
    if (s.zero() == GroupScheme.Zero.POINT) {
      byte[] points = new byte[(int) zeroBytes];
      for (int i = 0; i < points.length; i++) {
        // A zero point of 0 cannot be stored by GPTQ v1.
        points[i] = (byte) (1 + r.nextInt((1 << s.codeBits()) - 1));
      }
      zeros = MemorySegment.ofArray(points);
    } else if (s.zero() == GroupScheme.Zero.BIAS) {
      zeros = floats(s.scaleType(), r, zeroBytes);
    }
    return new QuantizedMatrix(s, rows, cols, codes, scales, tensorScale, zeros, null);
  }

  private static MemorySegment floats(ScaleType type, SplittableRandom r, long bytes) {
    MemorySegment m = MemorySegment.ofArray(new byte[(int) bytes]);
    for (long i = 0; i < bytes / type.bytes(); i++) {
      int code;
      do {
        code = r.nextInt() >>> 32 - type.bits();
        // A negative E4M3 scale is a number, but none that any producer writes.
      } while (!Float.isFinite(type.value(code)) || type == ScaleType.E4M3 && code > 0x7f);
      type.put(m, i, code);
    }
    return m;
  }

  private static MemorySegment bytes(SplittableRandom r, long count) {
    byte[] b = new byte[(int) count];
    r.nextBytes(b);
    return MemorySegment.ofArray(b);
  }
}
