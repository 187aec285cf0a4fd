package io.metalmarlin.runtime.model;

/// How the rows of a batch fall into sequences: `count` sequences of `length` tokens one after
/// another, each preceded by `past` cached tokens. Row `r` belongs to sequence `r / length` and has
/// position `past + r % length`; attention never crosses sequences.
public record Sequences(int count, int length, int past) {
  public Sequences {
    if (count < 1 || length < 1 || past < 0) {
      throw new IllegalArgumentException("sequences " + count + " x " + length + " after " + past);
    }
  }

  public static Sequences fresh(int count, int length) {
    return new Sequences(count, length, 0);
  }

  public int rows() {
    return count * length;
  }
}
