package io.metalmarlin.runtime.cpu;

import io.metalmarlin.runtime.backend.Columns;
import java.lang.foreign.MemorySegment;

/// Copies of parts of rows.
final class CpuCopies {
  private CpuCopies() {}

  /// Copies a whole row.
  static void row(CpuTensor from, int source, CpuTensor to, int target) {
    MemorySegment.copy(
        from.data(), from.offset(source), to.data(), to.offset(target), 4L * from.cols());
  }

  /// Copies columns of a row; the pieces of source and target may be cut differently.
  static void row(CpuTensor from, Columns source, CpuTensor to, Columns target, int row) {
    int total = source.total();
    int done = 0;
    while (done < total) {
      int inSource = done % source.width();
      int inTarget = done % target.width();
      int n = Math.min(source.width() - inSource, target.width() - inTarget);
      int f = source.first() + done / source.width() * source.step() + inSource;
      int t = target.first() + done / target.width() * target.step() + inTarget;
      MemorySegment.copy(
          from.data(), from.offset(row) + 4L * f, to.data(), to.offset(row) + 4L * t, 4L * n);
      done += n;
    }
  }
}
