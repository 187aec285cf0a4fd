package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.BlockMatrix;
import io.metalmarlin.formats.scheme.ggml.BlockCodec;
import io.metalmarlin.formats.scheme.ggml.BlockCodecs;
import io.metalmarlin.quant.calibrate.InputStatistics;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Rounds rows to blocks of ggml, as ggml's own encoders do.
///
/// @param importance mean square of each column's input; null where all count alike
/// @param statistics of the input, to measure the error with; null without calibration
public record BlockRows(float @Nullable [] importance, @Nullable InputStatistics statistics) {
  /// The importance that calibration gives: the diagonal of H.
  public static float[] importance(InputStatistics statistics) {
    float[] diagonal = new float[statistics.cols()];
    for (int i = 0; i < diagonal.length; i++) {
      diagonal[i] = (float) statistics.hessian().getDouble(i, i);
    }
    return diagonal;
  }

  /// Columns that were never active.
  public int deadColumns() {
    int dead = 0;
    for (float i : importance == null ? new float[0] : importance) {
      dead += i == 0 ? 1 : 0;
    }
    return dead;
  }

  /// Fills the blocks of some rows of a matrix.
  ///
  /// @param weights fp32, row-major, the rows of `out`
  /// @throws MarlinException `NUMERIC_FAILURE` naming the row whose blocks would hold no numbers
  public TileError round(MemorySegment weights, BlockMatrix out) {
    int rows = out.rows();
    float[] w = new float[Math.multiplyExact(rows, out.cols())];
    MemorySegment.copy(weights, JAVA_FLOAT_UNALIGNED, 0, w, 0, w.length);
    float[] decoded = encode(w, importance, out);
    return TileError.of(decoded, w, rows, out.cols(), statistics);
  }

  /// Fills the blocks of some rows of a matrix and reads them back.
  ///
  /// @param w row-major, the rows of `out`
  /// @param importance of each column; null where all count alike
  /// @return the weights that the blocks stand for
  /// @throws MarlinException `NUMERIC_FAILURE` naming the row whose blocks would hold no numbers
  public static float[] encode(float[] w, float @Nullable [] importance, BlockMatrix out) {
    int rows = out.rows();
    int cols = out.cols();
    BlockCodec codec = BlockCodecs.of(out.type());
    int stride = Math.toIntExact(out.stride());
    byte[] blocks = new byte[Math.multiplyExact(rows, stride)];
    for (int row = 0; row < rows; row++) {
      codec.encodeRow(w, row * cols, cols, importance, 0, blocks, row * stride);
    }
    out.blocks().copyFrom(MemorySegment.ofArray(blocks));
    float[] decoded = new float[w.length];
    out.decode(0, rows, decoded);
    for (int i = 0; i < decoded.length; i++) {
      if (!Float.isFinite(decoded[i])) {
        throw notFinite(out, i / cols, i % cols);
      }
    }
    return decoded;
  }

  private static MarlinException notFinite(BlockMatrix out, int row, int col) {
    return new MarlinException(
        ErrorCode.NUMERIC_FAILURE,
        out.type().name(),
        "the block of row %d, column %d holds no number after rounding".formatted(row, col),
        "Choose a type with a wider range such as Q8_0, or do without an importance.");
  }
}
