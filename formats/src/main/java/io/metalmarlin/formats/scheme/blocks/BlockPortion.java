package io.metalmarlin.formats.scheme.blocks;

import io.metalmarlin.formats.scheme.ggml.Bytes;
import io.metalmarlin.formats.tensor.DType;

/// Some blocks of plain codes and the same weights taken apart, in arrays small enough for the
/// first cache levels.
final class BlockPortion {
  /// Blocks of a portion.
  static final int BLOCKS = 256;

  private static final long SIGNS = 0x8080_8080_8080_8080L;

  final int blockBytes;
  final int scaleBytes;
  final int codeBytes;
  final byte[] blocks;
  final byte[] scales;
  final byte[] biases = new byte[BLOCKS * 2];
  final byte[] codes;

  private final GroupedBlock layout;
  private final int codeBits;
  private final int groupSize;

  BlockPortion(GroupedBlock layout, DType type) {
    this.layout = layout;
    this.codeBits = layout.scheme().codeBits();
    this.groupSize = layout.scheme().groupSize();
    this.blockBytes = type.blockBytes();
    this.scaleBytes = type.blockElements() / groupSize * layout.scheme().scaleType().bytes();
    this.codeBytes = type.blockElements() * codeBits / 8;
    this.blocks = new byte[BLOCKS * blockBytes];
    this.scales = new byte[BLOCKS * scaleBytes];
    this.codes = new byte[BLOCKS * codeBytes];
  }

  /// Fills scales and biases from the first `n` blocks.
  void scalesApart(int n) {
    strided(blocks, layout.scales(), blockBytes, scales, 0, scaleBytes, scaleBytes, n);
    if (layout.bias() >= 0) {
      strided(blocks, layout.bias(), blockBytes, biases, 0, 2, 2, n);
    }
  }

  /// Fills codes from the first `n` blocks.
  void codesApart(int n) {
    switch (codeBits) {
      case 4 -> nibblesApart(n);
      case 5 -> fiveApart(n);
      default -> {
        strided(blocks, layout.codes(), blockBytes, codes, 0, 32, 32, n);
        flipSigns(codes, 0, 32, n);
      }
    }
  }

  /// Fills the first `n` blocks from scales, biases and codes.
  void putTogether(int n) {
    strided(scales, 0, scaleBytes, blocks, layout.scales(), blockBytes, scaleBytes, n);
    if (layout.bias() >= 0) {
      strided(biases, 0, 2, blocks, layout.bias(), blockBytes, 2, n);
    }
    switch (codeBits) {
      case 4 -> nibblesTogether(n);
      case 5 -> fiveTogether(n);
      default -> {
        strided(codes, 0, 32, blocks, layout.codes(), blockBytes, 32, n);
        flipSigns(blocks, layout.codes(), blockBytes, n);
      }
    }
  }

  /// Copies `width` bytes (1, or a multiple of 2) `n` times, from one step to the other.
  private static void strided(
      byte[] from, int at, int step, byte[] to, int toAt, int toStep, int width, int n) {
    for (int b = 0; b < n; b++, at += step, toAt += toStep) {
      if (width == 1) {
        to[toAt] = from[at];
      } else if (width == 2) {
        Bytes.putU16(to, toAt, Bytes.u16(from, at));
      } else {
        for (int i = 0; i < width; i += 4) {
          Bytes.putI32(to, toAt + i, Bytes.i32(from, at + i));
        }
      }
    }
  }

  private void nibblesApart(int n) {
    int bytes = groupSize / 2;
    int perBlock = codeBytes / bytes;
    for (int b = 0; b < n; b++) {
      for (int g = 0; g < perBlock; g++) {
        int from = b * blockBytes + layout.codes() + g * bytes;
        int to = b * codeBytes + g * bytes;
        for (int i = 0; i < bytes; i += 8) {
          long eight = Bytes.i64(blocks, from + i);
          Bytes.putI32(codes, to + i / 2, CodeOrder.gather(eight));
          Bytes.putI32(codes, to + bytes / 2 + i / 2, CodeOrder.gather(eight >>> 4));
        }
      }
    }
  }

  private void nibblesTogether(int n) {
    int bytes = groupSize / 2;
    int perBlock = codeBytes / bytes;
    for (int b = 0; b < n; b++) {
      for (int g = 0; g < perBlock; g++) {
        int from = b * codeBytes + g * bytes;
        int to = b * blockBytes + layout.codes() + g * bytes;
        for (int i = 0; i < bytes; i += 8) {
          long low = CodeOrder.spread(Bytes.i32(codes, from + i / 2));
          long high = CodeOrder.spread(Bytes.i32(codes, from + bytes / 2 + i / 2));
          Bytes.putI64(blocks, to + i, low | high << 4);
        }
      }
    }
  }

  private void fiveApart(int n) {
    for (int b = 0; b < n; b++) {
      int block = b * blockBytes;
      int fifth = Bytes.i32(blocks, block + layout.fifth());
      for (int e = 0; e < 4; e++) {
        long nibbles = Bytes.i64(blocks, block + layout.codes() + 8 * (e & 1)) >>> 4 * (e >> 1);
        long eight = nibbles & 0x0f0f_0f0f_0f0f_0f0fL | CodeOrder.spreadBits(fifth >>> 8 * e) << 4;
        long packed = CodeOrder.gatherFive(eight);
        int to = b * codeBytes + 5 * e;
        Bytes.putI32(codes, to, (int) packed);
        codes[to + 4] = (byte) (packed >>> 32);
      }
    }
  }

  private void fiveTogether(int n) {
    long[] eight = new long[4];
    for (int b = 0; b < n; b++) {
      int block = b * blockBytes;
      int fifth = 0;
      for (int e = 0; e < 4; e++) {
        int from = b * codeBytes + 5 * e;
        long packed = Bytes.i32(codes, from) & 0xffff_ffffL | (codes[from + 4] & 0xffL) << 32;
        eight[e] = CodeOrder.spreadFive(packed);
        fifth |= CodeOrder.gatherBits(eight[e] >>> 4) << 8 * e;
      }
      long low = 0x0f0f_0f0f_0f0f_0f0fL;
      int to = block + layout.codes();
      Bytes.putI32(blocks, block + layout.fifth(), fifth);
      Bytes.putI64(blocks, to, eight[0] & low | (eight[2] & low) << 4);
      Bytes.putI64(blocks, to + 8, eight[1] & low | (eight[3] & low) << 4);
    }
  }

  /// Signed bytes to codes that are 128 higher, and back: 32 bytes at every step.
  private static void flipSigns(byte[] b, int at, int step, int n) {
    for (int k = 0; k < n; k++, at += step) {
      for (int i = 0; i < 32; i += 8) {
        Bytes.putI64(b, at + i, Bytes.i64(b, at + i) ^ SIGNS);
      }
    }
  }
}
