package io.metalmarlin.runtime.text.model;

import java.util.PriorityQueue;

/// Byte-pair merging of one piece (Sennrich et al. 2016): again and again the adjacent pair with
/// the lowest rank, the leftmost among equals, becomes one symbol, until no pair has a rule.
///
/// The symbols are a linked list and the candidate pairs a heap ordered by (rank, position), so a
/// piece of n bytes costs O(n log n); the obvious loop is quadratic and a file without spaces would
/// hang it.
public final class BpeMerger {
  private static final int GONE = -1;

  private final MergeTable merges;

  public BpeMerger(MergeTable merges) {
    this.merges = merges;
  }

  /// Merges the symbols `ids[0 .. count-1]` in place and returns how many are left.
  public int merge(int[] ids, int count) {
    if (count < 2) {
      return count;
    }
    int[] next = new int[count];
    int[] previous = new int[count];
    PriorityQueue<Candidate> heap = new PriorityQueue<>();
    for (int i = 0; i < count; i++) {
      next[i] = i + 1;
      previous[i] = i - 1;
    }
    for (int i = 0; i + 1 < count; i++) {
      offer(heap, ids, i, i + 1);
    }
    for (Candidate c = heap.poll(); c != null; c = heap.poll()) {
      int right = ids[c.left] == GONE ? count : next[c.left];
      // A candidate is stale when one of its two symbols has meanwhile been merged away or has
      // grown.
      if (right == count || ids[c.left] != c.leftId || ids[right] != c.rightId) {
        continue;
      }
      ids[c.left] = c.merged;
      ids[right] = GONE;
      next[c.left] = next[right];
      if (next[right] < count) {
        previous[next[right]] = c.left;
        offer(heap, ids, c.left, next[right]);
      }
      if (previous[c.left] >= 0) {
        offer(heap, ids, previous[c.left], c.left);
      }
    }
    int kept = 0;
    for (int i = 0; i < count; i = next[i]) {
      ids[kept++] = ids[i];
    }
    return kept;
  }

  private void offer(PriorityQueue<Candidate> heap, int[] ids, int left, int right) {
    long rule = merges.find(ids[left], ids[right]);
    if (rule != MergeTable.NONE) {
      heap.add(new Candidate((int) (rule >>> 32), left, ids[left], ids[right], (int) rule));
    }
  }

  private record Candidate(int rank, int left, int leftId, int rightId, int merged)
      implements Comparable<Candidate> {
    @Override
    public int compareTo(Candidate other) {
      int byRank = Integer.compare(rank, other.rank);
      return byRank != 0 ? byRank : Integer.compare(left, other.left);
    }
  }
}
