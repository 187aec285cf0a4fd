package io.metalmarlin.runtime.text.split;

import io.metalmarlin.runtime.text.regex.Finder;

/// Cuts at what a finder finds.
///
/// @param invert takes what lies between the matches for the matches
record FinderSplitter(Finder finder, Behavior behavior, boolean invert) implements Splitter {
  @Override
  public void split(String text, int start, int end, boolean first, Sink out) {
    Parts parts =
        switch (behavior) {
          case ISOLATED -> (s, e, match) -> piece(text, s, e, first && s == start, out);
          case REMOVED ->
              (s, e, match) -> {
                if (!match) {
                  piece(text, s, e, first && s == start, out);
                }
              };
          default -> new Joined(text, start, first, out);
        };
    int[] done = {start};
    finder.find(
        text,
        start,
        end,
        (s, e) -> {
          if (done[0] < s) {
            parts.part(done[0], s, invert);
          }
          parts.part(s, e, !invert);
          done[0] = e;
        });
    if (done[0] < end) {
      parts.part(done[0], end, invert);
    }
    if (parts instanceof Joined joined) {
      joined.flush();
    }
  }

  private static void piece(String text, int start, int end, boolean first, Sink out) {
    if (start < end) {
      out.piece(text, start, end, first);
    }
  }

  /// Receives matches and what lies between them, in order.
  private interface Parts {
    void part(int start, int end, boolean match);
  }

  /// Holds one piece back for as long as the next part may belong to it.
  private final class Joined implements Parts {
    private final String text;
    private final boolean first;
    private final int begin;
    private final Sink out;
    private int heldFrom;
    private int heldTo;
    private boolean holds;
    private boolean previous;

    Joined(String text, int begin, boolean first, Sink out) {
      this.text = text;
      this.first = first;
      this.begin = begin;
      this.heldFrom = begin;
      this.heldTo = begin;
      this.out = out;
    }

    @Override
    public void part(int start, int end, boolean match) {
      if (holds && joins(match)) {
        heldTo = end;
      } else {
        flush();
        heldFrom = start;
        heldTo = end;
        holds = true;
      }
      previous = match;
    }

    /// Of two matches in a row, the second stands alone with the previous piece's rule, the first
    /// with the next one's.
    private boolean joins(boolean match) {
      return switch (behavior) {
        case CONTIGUOUS -> match == previous;
        case MERGED_WITH_PREVIOUS -> match && !previous;
        case MERGED_WITH_NEXT -> previous && !match;
        default -> false;
      };
    }

    void flush() {
      if (holds) {
        piece(text, heldFrom, heldTo, first && heldFrom == begin, out);
      }
      holds = false;
    }
  }
}
