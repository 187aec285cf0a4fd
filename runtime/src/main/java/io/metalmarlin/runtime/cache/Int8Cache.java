package io.metalmarlin.runtime.cache;

/// 8-bit integers under one scale a row.
public final class Int8Cache extends RowScaled {
  @Override
  public String name() {
    return "int8";
  }

  @Override
  public Codes codes() {
    return Codes.INT8;
  }

  @Override
  public boolean rotated() {
    return false;
  }
}
