package io.metalmarlin.cli.view;

import java.util.Locale;

/// What a stored tensor is for.
enum TensorRole {
  /// Codes, scales or zero points of a quantized matrix.
  QUANTIZED,
  /// Weights of the model as they are.
  DENSE,
  /// Beside a quantized matrix without being weights: input scales, stored shapes.
  AUXILIARY,
  /// Packed in a way that was not made out, so that nobody knows for how many weights it stands.
  UNREADABLE;

  /// As JSON and tables spell it.
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
