package io.metalmarlin.runtime.model;

/// The widths of a memory that grows by outer products: per value head a matrix `[keyDim,
/// valueDim]`. Value head `h` is written and read with key head `h / (valueHeads / keyHeads)`.
public record Recurrence(int keyHeads, int valueHeads, int keyDim, int valueDim) {
  public Recurrence {
    if (keyHeads < 1 || valueHeads % keyHeads != 0 || keyDim < 1 || valueDim < 1) {
      throw new IllegalArgumentException(
          valueHeads + " heads over " + keyHeads + ", widths " + keyDim + " and " + valueDim);
    }
  }

  public int keyWidth() {
    return keyHeads * keyDim;
  }

  public int valueWidth() {
    return valueHeads * valueDim;
  }
}
