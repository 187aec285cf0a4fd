package io.metalmarlin.formats.scheme.ggml;

/// The numbers that the bytes of one block say, to be filled and written again and again.
///
/// What scales, mins and codes mean is said by the [BlockForm].
public final class BlockNumbers {
  /// The unit of the runs' scales; an fp16 value.
  public float step;

  /// The unit of the runs' mins; an fp16 value, 0 for forms without mins.
  public float minStep;

  /// The code of each run's scale.
  public final int[] scales;

  /// The code of each run's min.
  public final int[] mins;

  /// The code of each weight.
  public final byte[] codes;

  /// Room for a block of a form.
  public BlockNumbers(BlockForm form) {
    int weights = form.type().blockElements();
    scales = new int[weights / form.run()];
    mins = new int[weights / form.run()];
    codes = new byte[weights];
  }
}
