package io.metalmarlin.runtime.text.frame;

import java.util.Arrays;

/// The tokens that a tokenizer puts before and behind a text.
///
/// @param before read only
/// @param behind read only
public record Frame(int[] before, int[] behind) {
  /// Puts nothing there.
  public static final Frame NONE = new Frame(new int[0], new int[0]);

  /// The ids with the tokens around them, in a new array.
  public int[] around(int[] ids) {
    return joined(joined(before, ids), behind);
  }

  /// The ids of a text that is to be continued: behind the tokens before it, unless it begins with
  /// them already, and without those that would end it.
  public int[] opening(int[] ids) {
    boolean there =
        ids.length >= before.length
            && Arrays.equals(before, 0, before.length, ids, 0, before.length);
    return there ? ids : joined(before, ids);
  }

  /// This frame, then another around it.
  public Frame within(Frame outer) {
    return new Frame(joined(outer.before, before), joined(behind, outer.behind));
  }

  private static int[] joined(int[] a, int[] b) {
    int[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }
}
