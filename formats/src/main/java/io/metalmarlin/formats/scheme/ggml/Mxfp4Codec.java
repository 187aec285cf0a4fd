package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import org.jspecify.annotations.Nullable;

/// MXFP4: 32 weights E2M1 times a power of two. One byte `e` (E8M0, 2^(e - 127)), then 16 bytes of
/// nibbles in the order of Q4_0. Importance changes nothing.
final class Mxfp4Codec extends ArrayCodec {
  Mxfp4Codec() {
    super(DType.MXFP4);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    float half = half(Bytes.u8(b, o));
    for (int j = 0; j < 16; j++) {
      int q = b[o + 1 + j];
      y[at + j] = Fp4.TWICE[q & 15] * half;
      y[at + 16 + j] = Fp4.TWICE[q >> 4 & 15] * half;
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
    byte[] codes = new byte[32];
    for (int c = 0; c < cols; c += 32, at += 17) {
      int o = from + c;
      int e = exponent(kernels.magnitude(x, o, 32));
      float half = half(e);
      out[at] = (byte) e;
      kernels.fp4Codes(x, o, half, codes, 0);
      kernels.fp4Codes(x, o + 16, half, codes, 16);
      Nibbles.put(codes, 0, out, at + 1);
    }
  }

  /// Half the scale, 2^(e - 128). The two smallest are subnormal; 255 is a number like any other.
  private static float half(int e) {
    return Float.intBitsToFloat(e < 2 ? 0x200000 << e : e - 1 << 23);
  }

  /// The exponent that puts `amax` into the top octave of E2M1, from 4 to 6 and above. ggml takes
  /// the floor of an fp32 logarithm, which is rounded up just below a power of two. Below 2^-125
  /// the exponent is negative and its low byte is stored; the huge scale it means makes every code
  /// zero.
  private static int exponent(float amax) {
    if (amax == 0) {
      return 0;
    }
    float log2 = (float) (Math.log(amax) / Math.log(2));
    return Rounding.truncate((float) Math.floor(log2) - 2 + 127) & 0xff;
  }
}
