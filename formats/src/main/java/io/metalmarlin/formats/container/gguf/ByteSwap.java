package io.metalmarlin.formats.container.gguf;

import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Turns big-endian tensor data into little-endian: numbers as a whole, in block types the fields
/// that are wider than a byte (fp16 scales, and the words that ggml reads as 16 or 32 bits).
///
/// Fields: `formats.md` section e.3, from ggml's `ggml-common.h`. Codes are bytes and stay.
final class ByteSwap {
  /// A run of equal fields in a block.
  ///
  /// @param at first byte of the run in the block
  /// @param width bytes of a field
  private record Run(int at, int width, int count, int stride) {
    static Run of(int at, int width) {
      return new Run(at, width, 1, 0);
    }
  }

  private static final Run HALF_AT_0 = Run.of(0, 2);
  private static final Run HALF_AT_2 = Run.of(2, 2);

  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private ByteSwap() {}

  /// Swaps every field of the tensor data, in place; no type is left out.
  static void tensor(MemorySegment data, DType type) {
    if (!type.isBlock() && !type.isActivation()) {
      all(data, type.blockBytes());
      return;
    }
    Run[] runs = runs(type);
    for (long block = 0; block < data.byteSize(); block += type.blockBytes()) {
      for (Run run : runs) {
        for (int i = 0; i < run.count; i++) {
          swap(data, block + run.at + (long) i * run.stride, run.width);
        }
      }
    }
  }

  /// Swaps every number of `width` bytes, in place.
  static void all(MemorySegment data, int width) {
    if (width > 1) {
      for (long at = 0; at < data.byteSize(); at += width) {
        swap(data, at, width);
      }
    }
  }

  private static void swap(MemorySegment data, long at, int width) {
    switch (width) {
      case 2 -> data.set(SHORT, at, Short.reverseBytes(data.get(SHORT, at)));
      case 4 -> data.set(INT, at, Integer.reverseBytes(data.get(INT, at)));
      case 8 -> data.set(LONG, at, Long.reverseBytes(data.get(LONG, at)));
      default -> throw new IllegalArgumentException("no number has " + width + " bytes");
    }
  }

  private static Run[] runs(DType type) {
    return switch (type) {
      case Q4_0, Q8_0, IQ4_NL, Q1_0, Q2_0, IQ2_S, IQ3_S -> new Run[] {HALF_AT_0};
      case Q4_1, Q4_K, Q5_K, Q8_1 -> new Run[] {HALF_AT_0, HALF_AT_2};
      case Q5_0 -> new Run[] {HALF_AT_0, Run.of(2, 4)};
      case Q5_1 -> new Run[] {HALF_AT_0, HALF_AT_2, Run.of(4, 4)};
      case Q2_K -> new Run[] {Run.of(80, 2), Run.of(82, 2)};
      case Q3_K -> new Run[] {Run.of(108, 2)};
      case Q6_K -> new Run[] {Run.of(208, 2)};
      case IQ2_XXS -> new Run[] {HALF_AT_0, new Run(6, 4, 8, 8)};
      case IQ2_XS -> new Run[] {HALF_AT_0, new Run(2, 2, 32, 2)};
      case IQ3_XXS -> new Run[] {HALF_AT_0, new Run(66, 4, 8, 4)};
      case IQ1_S -> new Run[] {HALF_AT_0, new Run(34, 2, 8, 2)};
      case IQ1_M -> new Run[] {new Run(48, 2, 4, 2)};
      case IQ4_XS -> new Run[] {HALF_AT_0, HALF_AT_2};
      case TQ1_0 -> new Run[] {Run.of(52, 2)};
      case TQ2_0 -> new Run[] {Run.of(64, 2)};
      case Q8_K -> new Run[] {Run.of(0, 4), new Run(260, 2, 16, 2)};
      case MXFP4, NVFP4 -> new Run[] {};
      default -> throw new IllegalArgumentException(type + " is no block type");
    };
  }
}
