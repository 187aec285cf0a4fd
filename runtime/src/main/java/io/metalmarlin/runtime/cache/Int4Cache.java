package io.metalmarlin.runtime.cache;

/// 4-bit integers under one scale a row.
public final class Int4Cache extends RowScaled {
  @Override
  public String name() {
    return "int4";
  }

  @Override
  public Codes codes() {
    return Codes.INT4;
  }

  @Override
  public boolean rotated() {
    return true;
  }
}
