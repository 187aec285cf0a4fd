package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import org.jspecify.annotations.Nullable;

/// TQ1_0: 256 weights `(t - 1) * d` in base 3, five (at the end four) digits a byte. 48 + 4 bytes,
/// then fp16 `d`. A byte is the number as a fraction of 243, rounded up, in 256ths: multiplying it
/// by three moves the next digit out on top. Importance changes nothing.
final class Tq10Codec extends ArrayCodec {
  private static final Run[] RUNS = {
    new Run(0, 5, 0, 32), new Run(160, 5, 32, 16), new Run(240, 4, 48, 4)
  };

  Tq10Codec() {
    super(DType.TQ1_0);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    float d = Bytes.half(b, o + 52);
    for (Run run : RUNS) {
      int power = 1;
      for (int n = 0; n < run.digits; n++, power *= 3) {
        for (int m = 0; m < run.bytes; m++) {
          int fraction = b[o + run.at + m] * power & 0xff;
          y[at + run.first + n * run.bytes + m] = ((fraction * 3 >> 8) - 1) * d;
        }
      }
    }
  }

  @Override
  public boolean writes() {
    return true;
  }

  @Override
  void encodeBlocks(
      float[] x,
      int from,
      int cols,
      float @Nullable [] importance,
      int importanceFrom,
      byte[] out,
      int at) {
    for (int c = 0; c < cols; c += 256, at += 54) {
      float d = Extremes.absolute(x, from + c, 256);
      float id = d != 0 ? 1 / d : 0;
      for (Run run : RUNS) {
        for (int m = 0; m < run.bytes; m++) {
          int number = 0;
          for (int n = 0; n < 5; n++) {
            int digit =
                n < run.digits
                    ? Rounding.away(x[from + c + run.first + n * run.bytes + m] * id) + 1
                    : 0;
            number = number * 3 + digit & 0xff;
          }
          out[at + run.at + m] = (byte) ((number * 256 + 242) / 243);
        }
      }
      Bytes.putHalf(out, at + 52, d);
    }
  }

  /// `bytes` bytes from `at` on, byte `m` holding the weights `first + n * bytes + m`.
  private record Run(int first, int digits, int at, int bytes) {}
}
