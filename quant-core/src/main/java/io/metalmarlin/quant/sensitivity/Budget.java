package io.metalmarlin.quant.sensitivity;

import java.util.Locale;

/// What an allocation may spend, or what it may lose.
public record Budget(Kind kind, double value) {
  /// What the value limits.
  public enum Kind {
    /// Bits per weight over the quantized linears, scales included.
    BITS,
    /// Bytes of all tensors of the output.
    BYTES,
    /// The sum of the costs.
    KLD
  }

  /// For people: `4.5 bits per weight`.
  public String text() {
    return switch (kind) {
      case BITS -> String.format(Locale.ROOT, "%.4f bits per weight", value);
      case BYTES -> String.format(Locale.ROOT, "%.0f bytes", value);
      case KLD -> String.format(Locale.ROOT, "a KL divergence of %.5f", value);
    };
  }
}
