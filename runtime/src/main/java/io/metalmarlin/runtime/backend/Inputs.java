package io.metalmarlin.runtime.backend;

/// How exact the inputs of products are.
public enum Inputs {
  /// As they are.
  FP32,
  /// Rounded to 8 bits in blocks of 32 where a device is faster that way: on a CPU the products of
  /// few rows with 4-bit floating-point or Q4_0 weights. For generating text, never for measuring.
  INT8
}
