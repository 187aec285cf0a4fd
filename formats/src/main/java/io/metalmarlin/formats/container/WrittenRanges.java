package io.metalmarlin.formats.container;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Which bytes of a file have been written. Safe for use by several threads.
final class WrittenRanges {
  /// Begin to end, without neighbours that touch.
  private final NavigableMap<Long, Long> ranges = new TreeMap<>();

  private boolean twice;

  /// @param end exclusive
  synchronized void add(long begin, long end) {
    if (begin == end) {
      return;
    }
    long from = begin;
    long to = end;
    Map.Entry<Long, Long> before = ranges.floorEntry(begin);
    Map.Entry<Long, Long> after = ranges.ceilingEntry(begin);
    twice |= before != null && before.getValue() > begin || after != null && after.getKey() < end;
    if (before != null && before.getValue() >= begin) {
      from = before.getKey();
      to = Math.max(to, before.getValue());
    }
    while (after != null && after.getKey() <= to) {
      to = Math.max(to, after.getValue());
      ranges.remove(after.getKey());
      after = ranges.higherEntry(after.getKey());
    }
    ranges.put(from, to);
  }

  /// How far the bytes from the first on are written without a gap; -1 once a byte of the file was
  /// written a second time, for then what was read of it may be old.
  synchronized long settled() {
    return twice ? -1 : ranges.getOrDefault(0L, 0L);
  }
}
