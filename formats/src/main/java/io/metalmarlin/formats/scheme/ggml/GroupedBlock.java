package io.metalmarlin.formats.scheme.ggml;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Where the parts of a block of plain codes lie, as byte offsets; -1 for a part the type has not.
///
/// Four-bit codes of a group of n lie in n/2 bytes, byte `j` with column `j` low and `j + n/2`
/// high: a bit gather over eight bytes brings eight of them into column order.
///
/// @param scheme the grid
/// @param scales one scale per group of the block, side by side
/// @param bias one per block
/// @param fifth bit `j` is the highest bit of five of column `j`
/// @param codes of the whole block
record GroupedBlock(GroupScheme scheme, int scales, int bias, int fifth, int codes) {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long LOW = 0x0f0f_0f0f_0f0f_0f0fL;
  private static final long SIGNS = 0x8080_8080_8080_8080L;

  void takeApart(DType type, MemorySegment blocks, QuantizedMatrix out) {
    int elements = type.blockElements();
    int scaleBytes = elements / scheme.groupSize() * scheme.scaleType().bytes();
    int codeBytes = elements * scheme.codeBits() / 8;
    long count = blocks.byteSize() / type.blockBytes();
    for (long b = 0; b < count; b++) {
      long from = b * type.blockBytes();
      MemorySegment.copy(blocks, from + scales, out.scales(), b * scaleBytes, scaleBytes);
      if (bias >= 0) {
        MemorySegment.copy(blocks, from + bias, zeros(out), b * 2, 2);
      }
      long to = b * codeBytes;
      switch (scheme.codeBits()) {
        case 4 -> nibblesApart(blocks, from + codes, out.codes(), to, elements);
        case 8 -> flipSigns(blocks, from + codes, out.codes(), to);
        default -> fiveBitsApart(blocks, from, out.codes(), to);
      }
    }
  }

  void putTogether(DType type, QuantizedMatrix m, MemorySegment blocks) {
    int elements = type.blockElements();
    int scaleBytes = elements / scheme.groupSize() * scheme.scaleType().bytes();
    int codeBytes = elements * scheme.codeBits() / 8;
    long count = blocks.byteSize() / type.blockBytes();
    for (long b = 0; b < count; b++) {
      long to = b * type.blockBytes();
      MemorySegment.copy(m.scales(), b * scaleBytes, blocks, to + scales, scaleBytes);
      if (bias >= 0) {
        MemorySegment.copy(zeros(m), b * 2, blocks, to + bias, 2);
      }
      long from = b * codeBytes;
      switch (scheme.codeBits()) {
        case 4 -> nibblesTogether(m.codes(), from, blocks, to + codes, elements);
        case 8 -> flipSigns(m.codes(), from, blocks, to + codes);
        default -> fiveBitsTogether(m.codes(), from, blocks, to);
      }
    }
  }

  private static MemorySegment zeros(QuantizedMatrix m) {
    return java.util.Objects.requireNonNull(m.zeros());
  }

  private void nibblesApart(MemorySegment in, long from, MemorySegment out, long to, int elements) {
    int bytes = scheme.groupSize() / 2;
    for (int at = 0; at < elements / 2; at += bytes) {
      for (int i = 0; i < bytes; i += 8) {
        long packed = in.get(LONG, from + at + i);
        out.set(INT, to + at + i / 2, (int) Long.compress(packed, LOW));
        out.set(INT, to + at + bytes / 2 + i / 2, (int) Long.compress(packed, LOW << 4));
      }
    }
  }

  private void nibblesTogether(
      MemorySegment in, long from, MemorySegment out, long to, int elements) {
    int bytes = scheme.groupSize() / 2;
    for (int at = 0; at < elements / 2; at += bytes) {
      for (int i = 0; i < bytes; i += 8) {
        long low = Long.expand(in.get(INT, from + at + i / 2) & 0xffff_ffffL, LOW);
        long high = in.get(INT, from + at + bytes / 2 + i / 2) & 0xffff_ffffL;
        out.set(LONG, to + at + i, low | Long.expand(high, LOW << 4));
      }
    }
  }

  /// Signed bytes to codes that are 128 higher, and back.
  private static void flipSigns(MemorySegment in, long from, MemorySegment out, long to) {
    for (int i = 0; i < 32; i += 8) {
      out.set(LONG, to + i, in.get(LONG, from + i) ^ SIGNS);
    }
  }

  private void fiveBitsApart(MemorySegment in, long block, MemorySegment out, long to) {
    int highest = in.get(INT, block + fifth);
    for (int eight = 0; eight < 4; eight++) {
      long bits = 0;
      for (int i = 0; i < 8; i++) {
        int col = 8 * eight + i;
        int nibbles = in.get(JAVA_BYTE, block + codes + col % 16) & 0xff;
        long code = nibbles >> (col < 16 ? 0 : 4) & 15 | (highest >>> col & 1) << 4;
        bits |= code << 5 * i;
      }
      out.set(INT, to + 5 * eight, (int) bits);
      out.set(JAVA_BYTE, to + 5 * eight + 4, (byte) (bits >>> 32));
    }
  }

  private void fiveBitsTogether(MemorySegment in, long from, MemorySegment out, long block) {
    int highest = 0;
    byte[] nibbles = new byte[16];
    for (int eight = 0; eight < 4; eight++) {
      long bits = in.get(INT, from + 5 * eight) & 0xffff_ffffL;
      bits |= (in.get(JAVA_BYTE, from + 5 * eight + 4) & 0xffL) << 32;
      for (int i = 0; i < 8; i++) {
        int col = 8 * eight + i;
        int code = (int) (bits >>> 5 * i) & 31;
        highest |= (code >> 4) << col;
        nibbles[col % 16] |= (byte) ((code & 15) << (col < 16 ? 0 : 4));
      }
    }
    out.set(INT, block + fifth, highest);
    MemorySegment.copy(nibbles, 0, out, JAVA_BYTE, block + codes, 16);
  }
}
