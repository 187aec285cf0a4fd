package io.metalmarlin.runtime.cpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.metalmarlin.formats.scheme.BlockMatrix;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.runtime.model.StoredMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// Matrices in ggml's plain blocks with random codes and scales of both signs.
final class BlockMatrices {
  private BlockMatrices() {}

  static Stream<StoredMatrix> all(int rows, int[] widths) {
    return Arrays.stream(widths)
        .boxed()
        .flatMap(cols ->
            List.of(DType.Q8_0, DType.Q4_0).stream()
                .filter(t -> cols % t.blockElements() == 0)
                .map(t -> matrix(t, rows, cols)));
  }

  /// @param type one whose blocks begin with an fp16 scale
  static StoredMatrix matrix(DType type, int rows, int cols) {
    SplittableRandom random = new SplittableRandom(cols + type.ordinal());
    int count = rows * (cols / type.blockElements());
    MemorySegment blocks = Arena.ofAuto().allocate((long) count * type.blockBytes(), 64);
    for (long i = 0; i < blocks.byteSize(); i++) {
      blocks.set(JAVA_BYTE, i, (byte) random.nextInt(256));
    }
    for (int b = 0; b < count; b++) {
      float scale = (float) (random.nextGaussian() / 128);
      blocks.set(JAVA_SHORT_UNALIGNED, (long) b * type.blockBytes(), Float.floatToFloat16(scale));
    }
    return new StoredMatrix.Packed(new BlockMatrix(type, rows, cols, blocks), Optional.empty());
  }
}
