package io.metalmarlin.runtime.cpu;

import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.cpu.kernel.MatrixKernel;
import io.metalmarlin.runtime.model.StoredMatrix;
import java.lang.foreign.MemorySegment;

/// Products with weight matrices.
///
/// Up to [#FEW_ROWS] input rows: dot products straight from the stored bytes or, with
/// [CpuKernels#INT8], from panels of them. More: a panel of weight rows is decoded to fp32 into the
/// thread's scratch memory and multiplied by BLAS, so no whole decoded matrix ever exists. Panels
/// and row tiles are cut from the shapes alone, which keeps results independent of the number of
/// threads.
final class CpuProducts {
  static final int FEW_ROWS = 4;

  private static final int PANEL = 256;
  private static final int MIN_ROW_TILE = 512;
  private static final int PIECES = 8;
  // Below this many weights sharing loses: while kernels are being compiled, a helper waits for a
  // processor and the caller for the helper.
  private static final long ALONE = 1 << 21;
  // A piece of few rows' product: weights, and a multiple of every kernel's panel of rows.
  private static final int STRIPE_WEIGHTS = 1 << 18;
  private static final int LEAST_STRIPE = 32;
  private static final int LARGEST_STRIPE = 128;

  private final CpuKernels kernels;
  private final Workers workers;
  private final Scratch scratch;
  private final Scratch prepared;

  CpuProducts(CpuKernels kernels, Workers workers, Scratch scratch, Scratch prepared) {
    this.kernels = kernels;
    this.workers = workers;
    this.scratch = scratch;
    this.prepared = prepared;
  }

  /// `out = x W'`, `x` as it shall enter the product.
  void multiply(CpuTensor x, CpuMatrix w, CpuTensor out) {
    if (x.rows() <= FEW_ROWS) {
      few(x, w, out);
    } else {
      many(x, w, out);
    }
  }

  private void few(CpuTensor x, CpuMatrix w, CpuTensor out) {
    StoredMatrix stored = w.stored();
    MatrixKernel kernel = w.kernel();
    MemorySegment input = prepared.floats((long) x.rows() * x.cols());
    for (int r = 0; r < x.rows(); r++) {
      kernel.prepare(stored, x.data(), x.offset(r), input.asSlice(x.offset(r), 4L * x.cols()));
    }
    int stripe = stripe(w);
    workers.runBrief(
        Math.ceilDiv(w.rows(), stripe),
        piece -> {
          int from = piece * stripe;
          int to = Math.min(w.rows(), from + stripe);
          for (int r = 0; r < x.rows(); r++) {
            MemorySegment row = input.asSlice(x.offset(r), 4L * x.cols());
            kernel.multiply(stored, from, to, row, out.data(), out.offset(r));
          }
        });
  }

  private static int stripe(CpuMatrix w) {
    if ((long) w.rows() * w.cols() < ALONE) {
      return w.rows();
    }
    int rows = Integer.highestOneBit(Math.max(1, STRIPE_WEIGHTS / w.cols()));
    return Math.clamp(rows, LEAST_STRIPE, LARGEST_STRIPE);
  }

  private void many(CpuTensor x, CpuMatrix w, CpuTensor out) {
    int panels = Math.ceilDiv(w.rows(), PANEL);
    int split = Math.ceilDiv(PIECES, panels);
    int tile = Math.max(MIN_ROW_TILE, Math.ceilDiv(x.rows(), split));
    int tiles = Math.ceilDiv(x.rows(), tile);
    workers.run(
        panels * tiles,
        piece -> {
          int from = piece / tiles * PANEL;
          int to = Math.min(w.rows(), from + PANEL);
          int firstRow = piece % tiles * tile;
          int rows = Math.min(x.rows() - firstRow, tile);
          MemorySegment panel = scratch.floats((long) (to - from) * w.cols());
          w.kernel().decode(w.stored(), from, to, panel);
          kernels
              .gemm()
              .multiply(
                  true,
                  rows,
                  to - from,
                  w.cols(),
                  1f,
                  x.data().asSlice(x.offset(firstRow)),
                  x.cols(),
                  panel,
                  w.cols(),
                  out.data().asSlice(out.offset(firstRow) + 4L * from),
                  out.cols());
        });
  }
}
