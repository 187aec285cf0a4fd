package io.metalmarlin.runtime.cpu;

import java.lang.foreign.MemorySegment;

/// Many queries over rounded keys and values, [#TILE] at once: reading a prompt.
///
/// There are two matrices of scores, to the decoded keys and to those that some of the queries read
/// unrounded; for the softmax each query's row is put together in the first, for the products with
/// the values it is taken apart again.
record PackedTiles(CpuKernels kernels, Scratch scratch, Scratch tiles, PackedCall call) {
  private static final int TILE = 64;

  void run(int head) {
    int queries = call.q().rows();
    for (int from = 0; from < queries; from += TILE) {
      tile(head, from, Math.min(TILE, queries - from));
    }
  }

  /// What the queries `[from, from + rows)` read.
  ///
  /// @param base the first position
  /// @param near the first that one of them reads unrounded
  /// @param far behind the last that one of them reads rounded
  /// @param end behind the last
  private record Range(int from, int rows, int base, int near, int far, int end) {}

  private void tile(int head, int from, int rows) {
    int start = call.past() + from;
    int end = start + rows;
    Range range =
        new Range(from, rows, call.first(start), call.border(start), call.border(end - 1), end);
    CpuSoftmax softmax = call.softmax(kernels, head);
    int stride = end - range.base() + softmax.room();
    MemorySegment all = scratch.floats((long) rows * (stride + end - range.near()));
    MemorySegment exact = all.asSlice(4L * rows * stride);
    MemorySegment room = tiles.floats(call.tileFloats() + (long) rows * call.heads().valueDim());
    scores(head, range, all, stride, exact, room);
    float[] inverse = new float[rows];
    for (int r = 0; r < rows; r++) {
      inverse[r] = 1 / weights(softmax, range, r, all, stride, exact);
    }
    mix(head, range, all, stride, exact, room);
    MemorySegment out = call.out().data();
    for (int r = 0; r < rows; r++) {
      long at = call.outOffset(from + r, head);
      kernels.rows().scale(out, at, call.heads().valueDim(), inverse[r]);
    }
  }

  private void scores(
      int head, Range x, MemorySegment all, int stride, MemorySegment exact, MemorySegment room) {
    int width = call.heads().keyDim();
    for (int t = x.base(); t < x.far(); t += call.tile()) {
      int n = Math.min(call.tile(), x.far() - t);
      call.k().decode(call.kvHead(head), t, n, room);
      product(head, x, n, room, width, all.asSlice(4L * (t - x.base())), stride);
    }
    MemorySegment keys = call.keys().rows().asSlice(call.keyOffset(x.near(), head));
    int n = x.end() - x.near();
    product(head, x, n, keys, call.heads().keyWidth(), exact, n);
  }

  private void product(
      int head, Range x, int n, MemorySegment keys, int keyStride, MemorySegment out, int stride) {
    kernels
        .gemm()
        .multiply(
            true,
            x.rows(),
            n,
            call.heads().keyDim(),
            call.scores().scale(),
            call.q().data().asSlice(call.queryOffset(x.from(), head)),
            call.heads().queryWidth(),
            keys,
            keyStride,
            out,
            stride);
  }

  /// The softmax of query `r`: afterwards each matrix has the weights of what it is multiplied
  /// with, and zeros.
  ///
  /// @return the sum of the weights
  private float weights(
      CpuSoftmax softmax, Range x, int r, MemorySegment all, int stride, MemorySegment exact) {
    int position = call.past() + x.from() + r;
    int first = call.first(position);
    int border = call.border(position);
    int nearWidth = x.end() - x.near();
    long bytes = 4L * (position + 1 - border);
    long row = 4L * r * stride;
    long at = row + 4L * (border - x.base());
    long nearRow = 4L * r * nearWidth;
    long nearAt = nearRow + 4L * (border - x.near());
    MemorySegment.copy(exact, nearAt, all, at, bytes);
    all.asSlice(row, 4L * (first - x.base())).fill((byte) 0);
    long seen = row + 4L * (first - x.base());
    float sum = softmax.weights(all, seen, first, position + 1 - first, x.end() - first);
    exact.asSlice(nearRow, 4L * nearWidth).fill((byte) 0);
    MemorySegment.copy(all, at, exact, nearAt, bytes);
    all.asSlice(at, 4L * (x.end() - border)).fill((byte) 0);
    return sum;
  }

  private void mix(
      int head, Range x, MemorySegment all, int stride, MemorySegment exact, MemorySegment room) {
    int width = call.heads().valueDim();
    int mixed = call.heads().mixedWidth();
    MemorySegment out = call.out().data().asSlice(call.outOffset(x.from(), head));
    MemorySegment values = call.values().rows().asSlice(call.valueOffset(x.near(), head));
    int n = x.end() - x.near();
    product(x.rows(), n, exact, n, values, call.heads().valueWidth(), out, mixed);
    MemorySegment part = room.asSlice(4 * call.tileFloats());
    for (int t = x.base(); t < x.far(); t += call.tile()) {
      int count = Math.min(call.tile(), x.far() - t);
      call.v().decode(call.kvHead(head), t, count, room);
      MemorySegment weights = all.asSlice(4L * (t - x.base()));
      product(x.rows(), count, weights, stride, room, width, part, width);
      for (int r = 0; r < x.rows(); r++) {
        kernels.rows().add(out, 4L * r * mixed, part, 4L * r * width, width);
      }
    }
  }

  private void product(
      int rows,
      int n,
      MemorySegment weights,
      int stride,
      MemorySegment values,
      int valueStride,
      MemorySegment out,
      int outStride) {
    kernels
        .gemm()
        .multiply(
            false,
            rows,
            call.heads().valueDim(),
            n,
            1f,
            weights,
            stride,
            values,
            valueStride,
            out,
            outStride);
  }
}
