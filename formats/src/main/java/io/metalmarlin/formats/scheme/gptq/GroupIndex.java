package io.metalmarlin.formats.scheme.gptq;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// The plane `g_idx` I32 `[in]`: the group of every input.
final class GroupIndex {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private GroupIndex() {}

  /// The plane itself; null where the groups are runs of inputs, as they are without `act_order`.
  ///
  /// @throws MarlinException `TENSOR_MISMATCH` for a group that does not exist
  static @Nullable MemorySegment read(MemorySegment plane, int cols, int groupSize, int groups) {
    boolean runs = true;
    for (int col = 0; col < cols; col++) {
      int group = plane.get(INT, 4L * col);
      if (group < 0 || group >= groups) {
        throw new MarlinException(
            ErrorCode.TENSOR_MISMATCH,
            "g_idx",
            "sends input %d to group %d, there are groups 0 to %d"
                .formatted(col, group, groups - 1),
            "The checkpoint is damaged or its group_size is another; download it again.");
      }
      runs &= group == col / groupSize;
    }
    return runs ? null : plane;
  }

  static void write(QuantizedMatrix m, MemorySegment plane) {
    for (int col = 0; col < m.cols(); col++) {
      plane.set(INT, 4L * col, m.group(col));
    }
  }
}
