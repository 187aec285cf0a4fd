package io.metalmarlin.runtime.model;

/// The widths of an attention: rows of queries hold `heads * keyDim` values, of keys `kvHeads *
/// keyDim`, of values `kvHeads * valueDim`, of results `heads * valueDim`. Query head `h` reads key
/// head `h / (heads / kvHeads)`.
public record Heads(int heads, int kvHeads, int keyDim, int valueDim) {
  public Heads {
    if (heads < 1 || kvHeads < 1 || heads % kvHeads != 0 || keyDim < 1 || valueDim < 1) {
      throw new IllegalArgumentException(
          heads + " heads over " + kvHeads + ", widths " + keyDim + " and " + valueDim);
    }
  }

  public int queryWidth() {
    return heads * keyDim;
  }

  public int keyWidth() {
    return kvHeads * keyDim;
  }

  public int valueWidth() {
    return kvHeads * valueDim;
  }

  public int mixedWidth() {
    return heads * valueDim;
  }
}
