package io.metalmarlin.runtime.eval;

import io.metalmarlin.runtime.model.Sequences;
import java.lang.foreign.MemorySegment;

/// Where the logits of a batch of windows come from.
interface WindowLogits extends AutoCloseable {
  /// Makes ready for the logits of a batch.
  ///
  /// @param firstWindow index of the first window among all windows
  void forward(int[] ids, int firstWindow, Sequences sequences);

  /// Logits of `count` rows of the batch from `row` on; of scored ones, where not all are there.
  /// Valid until the next call.
  MemorySegment logits(int row, int count);

  @Override
  void close();
}
