package io.metalmarlin.runtime.cpu;

import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;

/// Few queries over rounded keys and values, one by one: decoding text. Heads that read the same
/// keys share what is decoded.
record PackedVectors(CpuKernels kernels, Scratch scratch, Scratch tiles, PackedCall call) {
  /// @param head the first of `count` that read the same keys
  void run(int head, int count) {
    CpuSoftmax[] softmax =
        IntStream.range(head, head + count)
            .mapToObj(h -> call.softmax(kernels, h))
            .toArray(CpuSoftmax[]::new);
    for (int i = 0; i < call.q().rows(); i++) {
      query(i, head, softmax);
    }
  }

  private void query(int query, int head, CpuSoftmax[] softmax) {
    int position = call.past() + query;
    int first = call.first(position);
    int border = call.border(position);
    int keys = position + 1 - first;
    // One more than keys, where a sink stands while the softmax is taken.
    long row = 4L * (keys + 1);
    MemorySegment weights = scratch.floats(softmax.length * (keys + 1L));
    MemorySegment room = tiles.floats(call.tileFloats() + call.heads().valueDim());
    scores(query, head, softmax.length, first, border, weights, row, room);
    float[] inverse = new float[softmax.length];
    for (int j = 0; j < softmax.length; j++) {
      MemorySegment exact = weights.asSlice(j * row + 4L * (border - first));
      int n = position + 1 - border;
      long from = call.keyOffset(border, head);
      scores(query, head + j, call.keys().rows(), from, call.k().rowBytes(), n, exact);
      inverse[j] = 1 / softmax[j].weights(weights, j * row, first, keys, keys);
      kernels
          .attend()
          .mix(
              exact,
              inverse[j],
              call.values().rows(),
              call.valueOffset(border, head),
              call.v().rowBytes(),
              n,
              call.heads().valueDim(),
              call.out().data(),
              call.outOffset(query, head + j));
    }
    mix(query, head, inverse, first, border, weights, row, room);
  }

  private void scores(
      int query,
      int head,
      int count,
      int first,
      int border,
      MemorySegment weights,
      long row,
      MemorySegment room) {
    for (int t = first; t < border; t += call.tile()) {
      int n = Math.min(call.tile(), border - t);
      call.k().decode(call.kvHead(head), t, n, room);
      for (int j = 0; j < count; j++) {
        MemorySegment to = weights.asSlice(j * row + 4L * (t - first));
        scores(query, head + j, room, 0, 4L * call.heads().keyDim(), n, to);
      }
    }
  }

  private void scores(
      int query, int head, MemorySegment rows, long from, long stride, int n, MemorySegment to) {
    kernels
        .attend()
        .scores(
            call.q().data(),
            call.queryOffset(query, head),
            rows,
            from,
            stride,
            n,
            call.heads().keyDim(),
            call.scores().scale(),
            to);
  }

  /// Adds the rounded values to the results of the unrounded ones.
  private void mix(
      int query,
      int head,
      float[] inverse,
      int first,
      int border,
      MemorySegment weights,
      long row,
      MemorySegment room) {
    int width = call.heads().valueDim();
    long sum = 4 * call.tileFloats();
    for (int t = first; t < border; t += call.tile()) {
      int n = Math.min(call.tile(), border - t);
      call.v().decode(call.kvHead(head), t, n, room);
      for (int j = 0; j < inverse.length; j++) {
        MemorySegment from = weights.asSlice(j * row + 4L * (t - first));
        long out = call.outOffset(query, head + j);
        kernels.attend().mix(from, inverse[j], room, 0, 4L * width, n, width, room, sum);
        kernels.rows().add(call.out().data(), out, room, sum, width);
      }
    }
  }
}
