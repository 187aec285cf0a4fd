package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import org.jspecify.annotations.Nullable;

/// NVFP4: four groups of 16 weights, E2M1 times an E4M3 scale without sign. Four scale bytes, then
/// 8 bytes a group, byte `j` holding weight `j` in its low and weight `j + 8` in its high nibble.
/// Importance changes nothing.
final class Nvfp4Codec extends ArrayCodec {
  Nvfp4Codec() {
    super(DType.NVFP4);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    for (int s = 0; s < 4; s++) {
      float half = Fp4.halfScale(Bytes.u8(b, o + s));
      for (int j = 0; j < 8; j++) {
        int q = b[o + 4 + 8 * s + j];
        y[at + 16 * s + j] = Fp4.TWICE[q & 15] * half;
        y[at + 16 * s + 8 + j] = Fp4.TWICE[q >> 4 & 15] * half;
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
    EncodeKernels kernels = EncodeKernels.BEST;
    byte[] codes = new byte[16];
    for (int c = 0; c < cols; c += 64, at += 36) {
      for (int s = 0; s < 4; s++) {
        int o = from + c + 16 * s;
        int scale = Fp4.scaleCode(kernels.magnitude(x, o, 16) / 6);
        out[at + s] = (byte) scale;
        kernels.fp4Codes(x, o, Fp4.halfScale(scale), codes, 0);
        for (int j = 0; j < 8; j++) {
          out[at + 4 + 8 * s + j] = (byte) (codes[j] | codes[j + 8] << 4);
        }
      }
    }
  }
}
