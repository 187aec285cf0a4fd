package io.metalmarlin.formats.model.gguf;

/// What happens to a Hugging Face matrix on its way into a GGUF file.
public sealed interface RowMove {
  /// The source row that row `row` of the target holds, of a source with `rows` rows.
  long sourceRow(long row, long rows);

  /// Whether rows only move, so that packed rows can be carried over without being decoded.
  default boolean wholeRows() {
    return true;
  }

  /// Values of the target from those of the source, both row after row.
  ///
  /// @param rows rows of the source
  default float[] values(float[] source, int rows, int targetRows) {
    int width = source.length / rows;
    float[] out = new float[targetRows * width];
    for (int row = 0; row < targetRows; row++) {
      int from = Math.toIntExact(sourceRow(row, rows));
      System.arraycopy(source, from * width, out, row * width, width);
    }
    return out;
  }

  /// Columns become rows.
  sealed interface Columns extends RowMove {
    /// @throws UnsupportedOperationException always
    @Override
    default long sourceRow(long row, long rows) {
      throw new UnsupportedOperationException("the rows are not whole");
    }

    @Override
    default boolean wholeRows() {
      return false;
    }
  }

  /// Nothing moves.
  record Stay() implements RowMove {
    @Override
    public long sourceRow(long row, long rows) {
      return row;
    }
  }

  /// Rows in another order.
  record Rows(RowOrder order) implements RowMove {
    @Override
    public long sourceRow(long row, long rows) {
      return order.huggingFaceRow(row, rows);
    }
  }

  /// Every so manieth row of a matrix in which those of several take turns.
  record Alternating(int parts, int part) implements RowMove {
    @Override
    public long sourceRow(long row, long rows) {
      return row * parts + part;
    }
  }

  /// Some columns of each matrix `[in, parts·out]` of a stack, as rows `[out, in]`; those of the
  /// parts take turns. A bias is a stack of one row each.
  ///
  /// @param out rows of each matrix in the file
  record Experts(int count, int out, int parts, int part) implements Columns {
    @Override
    public float[] values(float[] source, int rows, int targetRows) {
      int wide = parts * out;
      int in = source.length / count / wide;
      float[] turned = new float[source.length / parts];
      for (int expert = 0; expert < count; expert++) {
        for (int k = 0; k < in; k++) {
          int from = (expert * in + k) * wide + part;
          for (int row = 0; row < out; row++) {
            turned[(expert * out + row) * in + k] = source[from + row * parts];
          }
        }
      }
      return turned;
    }
  }

  /// Rows become columns (GPT-2).
  record Transpose() implements Columns {
    @Override
    public float[] values(float[] source, int rows, int targetRows) {
      int cols = source.length / rows;
      float[] out = new float[source.length];
      for (int row = 0; row < rows; row++) {
        for (int col = 0; col < cols; col++) {
          out[col * rows + row] = source[row * cols + col];
        }
      }
      return out;
    }
  }

  /// The value half of DeepSeek's `kv_b_proj`, whose rows are keys and values head by head.
  ///
  /// @param keys rows of keys per head
  /// @param values rows of values per head
  record LatentValues(int keys, int values) implements RowMove {
    @Override
    public long sourceRow(long row, long rows) {
      return row / values * (keys + values) + keys + row % values;
    }
  }

  /// The key half of DeepSeek's `kv_b_proj`, each head transposed: `[heads, latent, keys]`.
  ///
  /// @param keys rows of keys per head
  /// @param values rows of values per head
  record LatentKeys(int keys, int values) implements Columns {
    @Override
    public float[] values(float[] source, int rows, int targetRows) {
      int latent = source.length / rows;
      float[] out = new float[targetRows * keys];
      for (int row = 0; row < targetRows; row++) {
        int head = row / latent;
        for (int k = 0; k < keys; k++) {
          int from = head * (keys + values) + k;
          out[row * keys + k] = source[from * latent + row % latent];
        }
      }
      return out;
    }
  }
}
