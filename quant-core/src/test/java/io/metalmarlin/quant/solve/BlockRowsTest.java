package io.metalmarlin.quant.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.BlockMatrix;
import io.metalmarlin.formats.scheme.ggml.BlockCodec;
import io.metalmarlin.formats.scheme.ggml.BlockCodecs;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.quant.plan.BlockTypes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Blocks and errors of whole matrices, against what ggml itself wrote.
class BlockRowsTest {
  private static final int ROWS = 16;
  private static final int COLS = 1536;

  static Stream<DType> types() {
    return BlockCodecs.ALL.stream().filter(BlockCodec::writes).map(BlockCodec::type);
  }

  @ParameterizedTest
  @MethodSource("types")
  void blocks_are_those_of_ggml_with_and_without_importance(DType type) throws IOException {
    float[] w = floats("real.f32");
    float[] importance = floats("real.imatrix.f32");
    byte[] plain = bytes("real." + type + ".q");
    byte[] weighted = bytes("real." + type + ".im.q");

    assertThat(round(type, w, null)).isEqualTo(plain);
    assertThat(round(type, w, importance)).isEqualTo(weighted);
    assertThat(BlockTypes.usesImportance(type)).isEqualTo(!Arrays.equals(plain, weighted));
  }

  @ParameterizedTest
  @MethodSource("types")
  void columns_that_were_never_active_leave_numbers(DType type) throws IOException {
    float[] importance = floats("real.imatrix.f32");
    Arrays.fill(importance, 256, 1024, 0);
    BlockRows rounding = new BlockRows(importance, null);
    MemorySegment blocks = MemorySegment.ofArray(new byte[size(type)]);

    rounding.round(
        MemorySegment.ofArray(floats("real.f32")), new BlockMatrix(type, ROWS, COLS, blocks));

    assertThat(rounding.deadColumns()).isEqualTo(768);
  }

  @Test
  void the_error_is_that_of_the_blocks() throws IOException {
    float[] w = floats("real.f32");
    byte[] blocks = new byte[size(DType.Q4_K)];
    BlockMatrix matrix = new BlockMatrix(DType.Q4_K, ROWS, COLS, MemorySegment.ofArray(blocks));
    TileError error = new BlockRows(null, null).round(MemorySegment.ofArray(w), matrix);

    float[] decoded = floats("real.Q4_K.deq.f32");
    double squared = 0;
    for (int i = 0; i < w.length; i++) {
      squared += Math.pow((double) decoded[i] - w[i], 2);
    }
    assertThat(error.squared() / squared).isCloseTo(1, within(1e-6));
    assertThat(error.hessian()).isZero();
  }

  /// Their half-precision scales overflow.
  @ParameterizedTest
  @EnumSource(names = {"Q4_0", "Q8_0", "Q4_K"})
  void weights_too_large_for_a_type_are_refused(DType type) {
    float[] w = new float[ROWS * COLS];
    Arrays.fill(w, 2 * COLS, 3 * COLS, 1e30f);
    MemorySegment blocks = MemorySegment.ofArray(new byte[size(type)]);
    assertThatExceptionOfType(MarlinException.class)
        .isThrownBy(() -> BlockRows.encode(w, null, new BlockMatrix(type, ROWS, COLS, blocks)))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.NUMERIC_FAILURE))
        .withMessageContaining("row 2");
  }

  private static byte[] round(DType type, float[] w, float[] importance) {
    byte[] blocks = new byte[size(type)];
    BlockMatrix matrix = new BlockMatrix(type, ROWS, COLS, MemorySegment.ofArray(blocks));
    new BlockRows(importance, null).round(MemorySegment.ofArray(w), matrix);
    return blocks;
  }

  private static int size(DType type) {
    return ROWS * COLS / type.blockElements() * type.blockBytes();
  }

  private static byte[] bytes(String name) throws IOException {
    return Files.readAllBytes(Shared.path("golden", "ggml", name));
  }

  private static float[] floats(String name) throws IOException {
    ByteBuffer b = ByteBuffer.wrap(bytes(name)).order(ByteOrder.LITTLE_ENDIAN);
    float[] out = new float[b.remaining() / 4];
    b.asFloatBuffer().get(out);
    return out;
  }
}
