package io.metalmarlin.quant.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.formats.scheme.BlockMatrix;
import io.metalmarlin.formats.scheme.ggml.BlockCodecs;
import io.metalmarlin.formats.scheme.ggml.BlockForm;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Blocks filled with error feedback: what is reported is what the written bytes decode to, and it
/// is less than the type's own encoder leaves.
class BlockFeedbackTest {
  private static final int ROWS = 40;
  private static final int COLS = 512;
  private static final Layer LAYER = Layer.of(3, ROWS, COLS, 700);

  static Stream<DType> types() {
    return Arrays.stream(DType.values()).filter(t -> BlockForm.of(t).isPresent());
  }

  @ParameterizedTest
  @MethodSource("types")
  void the_reported_error_is_that_of_the_written_blocks(DType type) {
    Solved solved = solve(LAYER, type, ROWS);

    double[][] decoded = solved.decoded();
    double squared = 0;
    for (int r = 0; r < ROWS; r++) {
      for (int c = 0; c < COLS; c++) {
        squared += Math.pow(decoded[r][c] - LAYER.weights()[r][c], 2);
      }
    }
    assertThat(solved.error().squared()).isCloseTo(squared, within(1e-6 * squared));
    double loss = LAYER.loss(decoded, LAYER.hessian());
    assertThat(solved.error().hessian()).isCloseTo(loss, within(1e-3 * loss));
    double all = LAYER.loss(new double[ROWS][COLS], LAYER.hessian());
    assertThat(solved.error().weightHessian()).isCloseTo(all, within(1e-3 * all));
  }

  @ParameterizedTest
  @MethodSource("types")
  void it_loses_less_than_the_encoder_with_importance(DType type) {
    if (!BlockCodecs.of(type).writes()) {
      return;
    }
    byte[] blocks = new byte[size(type)];
    try (InputStatistics statistics = LAYER.statistics()) {
      TileError encoded =
          new BlockRows(BlockRows.importance(statistics), statistics)
              .round(MemorySegment.ofArray(LAYER.flat()), matrix(type, blocks));
      assertThat(solve(LAYER, type, ROWS).error().hessian()).isLessThan(.8 * encoded.hessian());
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void bytes_do_not_depend_on_tiles(DType type) {
    assertThat(solve(LAYER, type, 7).blocks()).isEqualTo(solve(LAYER, type, ROWS).blocks());
  }

  @ParameterizedTest
  @MethodSource("types")
  void dead_columns_and_empty_rows_stay_numbers(DType type) {
    double[][] h = Arrays.stream(LAYER.hessian()).map(double[]::clone).toArray(double[][]::new);
    for (int c = 32; c < 96; c++) {
      Arrays.fill(h[c], 0);
      for (double[] row : h) {
        row[c] = 0;
      }
    }
    float[][] w = LAYER.weights().clone();
    w[3] = new float[COLS];
    Solved solved = solve(LAYER.withHessian(h).withWeights(w), type, ROWS);

    assertThat(solved.events().deadColumns()).isEqualTo(64);
    assertThat(Double.isFinite(solved.error().hessian())).isTrue();
    assertThat(Arrays.stream(solved.decoded()[3]).allMatch(v -> v == 0)).isTrue();
    // Columns without an input are rounded all the same, not left to chance.
    double error = 0;
    double size = 0;
    for (int c = 32; c < 96; c++) {
      error += Math.pow(solved.decoded()[0][c] - w[0][c], 2);
      size += w[0][c] * w[0][c];
    }
    assertThat(error).isLessThan(.5 * size);
  }

  private record Solved(byte[] blocks, double[][] decoded, TileError error, SolveEvents events) {}

  private static Solved solve(Layer layer, DType type, int tileRows) {
    byte[] blocks = new byte[size(type)];
    BlockMatrix out = matrix(type, blocks);
    MemorySegment w = MemorySegment.ofArray(layer.flat());
    TileError sum = TileError.ZERO;
    try (InputStatistics statistics = layer.statistics();
        Workers workers = new Workers(2);
        BlockFeedback feedback =
            BlockFeedback.prepare(
                BlockForm.of(type).orElseThrow(), statistics, 1e-6, .1, 2, workers)) {
      for (int from = 0; from < ROWS; from += tileRows) {
        int rows = Math.min(tileRows, ROWS - from);
        MemorySegment tile = out.blocks().asSlice(from * out.stride(), rows * out.stride());
        sum =
            sum.plus(
                feedback.solve(
                    w.asSlice(4L * from * COLS, 4L * rows * COLS),
                    new BlockMatrix(type, rows, COLS, tile)));
      }
      float[] values = new float[ROWS * COLS];
      out.decode(0, ROWS, values);
      double[][] decoded = new double[ROWS][COLS];
      for (int i = 0; i < values.length; i++) {
        decoded[i / COLS][i % COLS] = values[i];
      }
      return new Solved(blocks, decoded, sum, feedback.events());
    }
  }

  private static int size(DType type) {
    return ROWS * COLS / type.blockElements() * type.blockBytes();
  }

  private static BlockMatrix matrix(DType type, byte[] blocks) {
    return new BlockMatrix(type, ROWS, COLS, MemorySegment.ofArray(blocks));
  }
}
