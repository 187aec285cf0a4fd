package io.metalmarlin.tests.support;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// NVFP4 as its definition reads: one nibble, one E4M3 scale per 16 columns, one fp32 per tensor.
public final class NaiveNvfp4 {
  private static final float[] E2M1 = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6};

  private NaiveNvfp4() {}

  /// The fp32 weight `[rows][cols]` of a module, in the compressed-tensors or the ModelOpt layout.
  public static float[][] weight(RawCheckpoint checkpoint, String module) {
    var tensors = checkpoint.tensors();
    var packed = tensors.get(module + ".weight_packed");
    boolean modelOpt = packed == null;
    byte[] codes = (modelOpt ? tensors.get(module + ".weight") : packed).data();
    var scales = tensors.get(module + ".weight_scale");
    float second =
        fp32(tensors.get(module + (modelOpt ? ".weight_scale_2" : ".weight_global_scale")));
    int rows = Math.toIntExact(scales.shape().get(0));
    int groups = Math.toIntExact(scales.shape().get(1));
    float[][] w = new float[rows][groups * 16];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < groups * 16; c++) {
        float scale = e4m3(scales.data()[r * groups + c / 16] & 0xff);
        int both = codes[(r * groups * 16 + c) / 2];
        int nibble = (c % 2 == 0 ? both : both >> 4) & 15;
        float magnitude = E2M1[nibble & 7] * (modelOpt ? scale * second : scale / second);
        w[r][c] = nibble > 7 ? -magnitude : magnitude;
      }
    }
    return w;
  }

  /// The dense weight `[rows][cols]` of a module.
  public static float[][] dense(RawCheckpoint checkpoint, String module) {
    var t = checkpoint.tensors().get(module + ".weight");
    float[] flat = t.floats();
    int cols = Math.toIntExact(t.shape().get(1));
    float[][] w = new float[flat.length / cols][cols];
    for (int r = 0; r < w.length; r++) {
      System.arraycopy(flat, r * cols, w[r], 0, cols);
    }
    return w;
  }

  /// `W B` with `B = blockdiag(H / sqrt(size))`, H the Sylvester matrix whose entry (i, j) is -1 to
  /// the number of bits that i and j share.
  public static float[][] rotated(float[][] w, int size) {
    float[][] out = new float[w.length][w[0].length];
    for (int r = 0; r < w.length; r++) {
      for (int c = 0; c < w[0].length; c++) {
        int first = c / size * size;
        double sum = 0;
        for (int k = 0; k < size; k++) {
          sum += Integer.bitCount(k & c % size) % 2 == 0 ? w[r][first + k] : -w[r][first + k];
        }
        out[r][c] = (float) (sum / Math.sqrt(size));
      }
    }
    return out;
  }

  /// `|q - w|^2 / |w|^2` in double precision.
  public static double relativeError(float[][] q, float[][] w) {
    double error = 0;
    double norm = 0;
    for (int r = 0; r < w.length; r++) {
      for (int c = 0; c < w[r].length; c++) {
        double d = (double) q[r][c] - w[r][c];
        error += d * d;
        norm += (double) w[r][c] * w[r][c];
      }
    }
    return error / norm;
  }

  private static float fp32(RawCheckpoint.Tensor t) {
    return ByteBuffer.wrap(t.data()).order(ByteOrder.LITTLE_ENDIAN).getFloat();
  }

  /// The value of an E2M1 code.
  static float e2m1(int code) {
    return code > 7 ? -E2M1[code & 7] : E2M1[code];
  }

  /// The value of an E4M3 code.
  static float e4m3(int code) {
    int exponent = code >> 3 & 15;
    double m = (code & 7) / 8.0;
    double v = exponent == 0 ? m * 0x1p-6 : (1 + m) * Math.pow(2, exponent - 7);
    return (float) (code > 127 ? -v : v);
  }
}
