package io.metalmarlin.formats.scheme.blocks;

import io.metalmarlin.formats.scheme.ggml.Bytes;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Some blocks of plain codes and the same weights taken apart, in arrays small enough for the
/// first cache levels.
final class BlockPortion {
  /// Blocks of a portion.
  static final int BLOCKS = 256;

  private static final long SIGNS = 0x8080_8080_8080_8080L;
  private static final long LOWER = 0xffff_ffffL;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  final int blockBytes;
  final int scaleBytes;
  final int codeBytes;
  final byte[] blocks;
  final byte[] scales;
  final byte[] biases = new byte[BLOCKS * 2];

  /// Codes of five and eight bits.
  private final byte[] codes;

  /// Codes of four bits, of which words are shuffled.
  private final long[] words;

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
    this.codes = new byte[codeBits == 4 ? 0 : BLOCKS * codeBytes];
    this.words = new long[codeBits == 4 ? BLOCKS * codeBytes / 8 : 0];
  }

  /// Reads the codes of `n` blocks from a matrix's.
  void loadCodes(MemorySegment from, long firstBlock, int n) {
    long at = firstBlock * codeBytes;
    if (codeBits == 4) {
      MemorySegment.copy(from, LONG, at, words, 0, n * codeBytes / 8);
    } else {
      MemorySegment.copy(from, ValueLayout.JAVA_BYTE, at, codes, 0, n * codeBytes);
    }
  }

  /// Writes the codes of `n` blocks to a matrix's.
  void storeCodes(MemorySegment to, long firstBlock, int n) {
    long at = firstBlock * codeBytes;
    if (codeBits == 4) {
      MemorySegment.copy(words, 0, to, LONG, at, n * codeBytes / 8);
    } else {
      MemorySegment.copy(codes, 0, to, ValueLayout.JAVA_BYTE, at, n * codeBytes);
    }
  }

  /// Fills scales and biases from blocks that lie elsewhere, of which nothing else is read.
  void loadScales(MemorySegment from, long firstBlock, int n) {
    MemorySegment all = from.asSlice(firstBlock * blockBytes, (long) n * blockBytes);
    pick(all, layout.scales(), scales, scaleBytes, n);
    if (layout.bias() >= 0) {
      pick(all, layout.bias(), biases, 2, n);
    }
  }

  /// Writes scales, of whole words, to blocks that lie elsewhere, of which nothing else is written.
  void storeScales(MemorySegment to, long firstBlock, int n) {
    for (int b = 0; b < n; b++) {
      long at = (firstBlock + b) * blockBytes + layout.scales();
      for (int i = 0; i < scaleBytes; i += 4) {
        to.set(INT, at + i, Bytes.i32(scales, b * scaleBytes + i));
      }
    }
  }

  private void pick(MemorySegment from, int at, byte[] to, int width, int n) {
    if (width != 2) {
      for (int b = 0; b < n; b++) {
        MemorySegment.copy(
            from, ValueLayout.JAVA_BYTE, at + (long) b * blockBytes, to, b * width, width);
      }
      return;
    }
    int b = 0;
    for (; b + 4 <= n; b += 4) {
      long place = at + (long) b * blockBytes;
      long four = half(from, place) | half(from, place + blockBytes) << 16;
      four |= half(from, place + 2L * blockBytes) << 32;
      Bytes.putI64(to, 2 * b, four | half(from, place + 3L * blockBytes) << 48);
    }
    for (; b < n; b++) {
      Bytes.putU16(to, 2 * b, from.get(SHORT, at + (long) b * blockBytes));
    }
  }

  private static long half(MemorySegment from, long at) {
    return from.get(SHORT, at) & 0xffffL;
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
    if (width == 1) {
      for (int b = 0; b < n; b++) {
        to[toAt + b * toStep] = from[at + b * step];
      }
    } else if (width == 2) {
      for (int b = 0; b < n; b++) {
        Bytes.putU16(to, toAt + b * toStep, Bytes.u16(from, at + b * step));
      }
    } else {
      for (int b = 0; b < n; b++) {
        for (int i = 0; i < width; i += 4) {
          Bytes.putI32(to, toAt + b * toStep + i, Bytes.i32(from, at + b * step + i));
        }
      }
    }
  }

  private void nibblesApart(int n) {
    int perBlock = codeBytes / 8;
    for (int b = 0; b < n; b++) {
      int from = b * blockBytes + layout.codes();
      for (int i = 0; i < perBlock; i++) {
        words[b * perBlock + i] = Bytes.i64(blocks, from + 8 * i);
      }
    }
    for (int i = 0; i < n * perBlock; i++) {
      words[i] = CodeOrder.unzip(words[i]);
    }
    exchangeHalves(n * perBlock);
  }

  private void nibblesTogether(int n) {
    int perBlock = codeBytes / 8;
    exchangeHalves(n * perBlock);
    for (int i = 0; i < n * perBlock; i++) {
      words[i] = CodeOrder.zip(words[i]);
    }
    for (int b = 0; b < n; b++) {
      int to = b * blockBytes + layout.codes();
      for (int i = 0; i < perBlock; i++) {
        Bytes.putI64(blocks, to + 8 * i, words[b * perBlock + i]);
      }
    }
  }

  /// Where a group is two words, brings the halves together that share bytes in a block, and back:
  /// in groups of 16 columns they are one word anyway.
  private void exchangeHalves(int n) {
    if (groupSize == 16) {
      return;
    }
    for (int i = 0; i < n; i += 2) {
      long first = words[i];
      long second = words[i + 1];
      words[i] = first & LOWER | second << 32;
      words[i + 1] = first >>> 32 | second & ~LOWER;
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
