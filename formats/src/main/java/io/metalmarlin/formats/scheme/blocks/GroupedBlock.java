package io.metalmarlin.formats.scheme.blocks;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ggml.Bytes;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Where the parts of a block of plain codes lie, as byte offsets; -1 for a part the type has not.
///
/// Four-bit codes of a group of n lie in n/2 bytes, byte `j` with column `j` low and `j + n/2`
/// high. Blocks are worked on in portions that stay in the first cache level.
///
/// @param scheme the grid
/// @param scales one scale per group of the block, side by side
/// @param bias one per block
/// @param fifth bit `j` is the highest bit of five of column `j`
/// @param codes of the whole block
record GroupedBlock(GroupScheme scheme, int scales, int bias, int fifth, int codes) {
  /// The vector module is there only if the virtual machine was started with it.
  static final boolean VECTORS = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();

  /// @throws MarlinException `NON_FINITE` for a scale byte that is none outside ggml
  ///
  /// @param codes whether codes are taken out too
  void takeApart(DType type, MemorySegment blocks, QuantizedMatrix out, boolean codes) {
    takeApart(type, blocks, out, codes, VECTORS);
  }

  /// @param vectors whether to use them for four-bit codes in groups of 32
  void takeApart(
      DType type, MemorySegment blocks, QuantizedMatrix out, boolean codes, boolean vectors) {
    BlockPortion p = new BlockPortion(this, type);
    boolean lanes = codes && vectors && scheme.codeBits() == 4 && scheme.groupSize() == 32;
    boolean words = codes && !lanes;
    long count = blocks.byteSize() / type.blockBytes();
    for (long first = 0; first < count; first += BlockPortion.BLOCKS) {
      int n = (int) Math.min(BlockPortion.BLOCKS, count - first);
      if (words) {
        load(blocks, first * p.blockBytes, p.blocks, n * p.blockBytes);
        p.scalesApart(n);
      } else {
        p.loadScales(blocks, first, n);
      }
      requireReadable(type, p.scales, n * p.scaleBytes, first);
      store(p.scales, out.scales(), first * p.scaleBytes, n * p.scaleBytes);
      store(p.biases, out.zeros(), first * 2, n * 2);
      if (words) {
        p.codesApart(n);
        p.storeCodes(out.codes(), first, n);
      } else if (lanes) {
        long at = first * p.blockBytes + this.codes;
        BlockLanes.codesApart(blocks, at, p.blockBytes, out.codes(), first * p.codeBytes, n);
      }
    }
  }

  /// @throws MarlinException `NON_FINITE` for a scale byte that ggml would read as another number
  void putTogether(DType type, QuantizedMatrix m, MemorySegment blocks) {
    putTogether(type, m, blocks, VECTORS);
  }

  /// @param vectors whether to use them for four-bit codes in groups of 16
  void putTogether(DType type, QuantizedMatrix m, MemorySegment blocks, boolean vectors) {
    BlockPortion p = new BlockPortion(this, type);
    boolean lanes = vectors && scheme.codeBits() == 4 && scheme.groupSize() == 16 && bias < 0;
    long count = blocks.byteSize() / type.blockBytes();
    for (long first = 0; first < count; first += BlockPortion.BLOCKS) {
      int n = (int) Math.min(BlockPortion.BLOCKS, count - first);
      load(m.scales(), first * p.scaleBytes, p.scales, n * p.scaleBytes);
      load(m.zeros(), first * 2, p.biases, n * 2);
      requireReadable(type, p.scales, n * p.scaleBytes, first);
      if (lanes) {
        p.storeScales(blocks, first, n);
        long at = first * p.blockBytes + codes;
        long from = first * p.codeBytes;
        BlockLanes.codesTogether(m.codes(), from, blocks, at, p.blockBytes, p.codeBytes / 16, n);
        continue;
      }
      p.loadCodes(m.codes(), first, n);
      p.putTogether(n);
      store(p.blocks, blocks, first * p.blockBytes, n * p.blockBytes);
    }
  }

  /// ggml reads every byte as a scale: NVFP4 without its sign bit and 0x7f as zero, MXFP4's 255 as
  /// a power of two. The formats they come from do not.
  private static void requireReadable(DType type, byte[] scales, int bytes, long first) {
    if (type != DType.NVFP4 && type != DType.MXFP4) {
      return;
    }
    if (type == DType.NVFP4 && allReadable(scales, bytes)) {
      return;
    }
    int limit = type == DType.NVFP4 ? 0x7f : 0xff;
    for (int i = 0; i < bytes; i++) {
      int code = scales[i] & 0xff;
      if (code >= limit) {
        long block = first + i / (type == DType.NVFP4 ? 4 : 1);
        throw new MarlinException(
            ErrorCode.NON_FINITE,
            type.name(),
            "block %d: scale byte 0x%02x is no scale".formatted(block, code),
            "The checkpoint is damaged or was written by a faulty tool; quantize again.");
      }
    }
  }

  /// Whether no byte of NVFP4's scales is 0x7f or more, four of a block at a time.
  private static boolean allReadable(byte[] scales, int bytes) {
    int seen = 0;
    for (int i = 0; i < bytes; i += 4) {
      int four = Bytes.i32(scales, i);
      seen |= four | (four & 0x7f7f_7f7f) + 0x0101_0101;
    }
    return (seen & 0x8080_8080) == 0;
  }

  private static void store(byte[] from, @Nullable MemorySegment to, long at, int bytes) {
    if (to != null) {
      MemorySegment.copy(from, 0, to, JAVA_BYTE, at, bytes);
    }
  }

  private static void load(@Nullable MemorySegment from, long at, byte[] to, int bytes) {
    if (from != null) {
      MemorySegment.copy(from, JAVA_BYTE, at, to, 0, bytes);
    }
  }
}
