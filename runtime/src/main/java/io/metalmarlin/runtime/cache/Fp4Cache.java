package io.metalmarlin.runtime.cache;

/// 4-bit floats under one scale a row.
public final class Fp4Cache extends RowScaled {
  @Override
  public String name() {
    return "fp4";
  }

  @Override
  public Codes codes() {
    return Codes.FP4;
  }

  @Override
  public boolean rotated() {
    return true;
  }
}
