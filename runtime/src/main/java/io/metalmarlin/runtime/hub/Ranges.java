package io.metalmarlin.runtime.hub;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Half-open ranges of bytes that are there; neighbours and overlaps are joined.
final class Ranges {
  /// @param begin first byte
  /// @param end behind the last
  record Range(long begin, long end) {
    long size() {
      return end - begin;
    }
  }

  private final TreeMap<Long, Long> ends = new TreeMap<>();

  void add(long begin, long end) {
    if (begin >= end) {
      return;
    }
    long from = begin;
    long to = end;
    Map.Entry<Long, Long> before = ends.floorEntry(from);
    if (before != null && before.getValue() >= from) {
      from = before.getKey();
      to = Math.max(to, before.getValue());
    }
    while (true) {
      Map.Entry<Long, Long> next = ends.ceilingEntry(from);
      if (next == null || next.getKey() > to) {
        break;
      }
      to = Math.max(to, next.getValue());
      ends.remove(next.getKey());
    }
    ends.put(from, to);
  }

  void clear() {
    ends.clear();
  }

  long bytes() {
    return ends.entrySet().stream().mapToLong(e -> e.getValue() - e.getKey()).sum();
  }

  /// What is missing of `[0, size)`, in pieces of at most `most` bytes.
  List<Range> missing(long size, long most) {
    List<Range> out = new ArrayList<>();
    long at = 0;
    for (Map.Entry<Long, Long> have : ends.entrySet()) {
      cut(at, Math.min(have.getKey(), size), most, out);
      at = Math.max(at, have.getValue());
    }
    cut(at, size, most, out);
    return out;
  }

  private static void cut(long begin, long end, long most, List<Range> out) {
    for (long at = begin; at < end; at += most) {
      out.add(new Range(at, Math.min(end, at + most)));
    }
  }
}
