package io.metalmarlin.runtime.model;

import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.ModelSpec.Parameter;
import java.util.ArrayList;
import java.util.List;

/// How a checkpoint stores the matrix of a linear layer.
///
/// @param transposed stored `[in, out]`
/// @param stack matrices stored in one tensor along a first dimension, of which the weight's number
///   is taken; 0 for a tensor of its own
/// @param weight what follows the module's name
/// @param bias likewise for the bias, `[out]` or `[stack, out]`
/// @param part which rows of the stored matrix are the linear's, where it holds those of several
public record Layout(boolean transposed, int stack, String weight, String bias, Part part) {
  /// `module.weight` `[out, in]`.
  public static final Layout PLAIN = new Layout(false, 0, ".weight", ".bias");

  /// `module.weight` `[in, out]` (GPT-2's Conv1D).
  public static final Layout TRANSPOSED = new Layout(true, 0, ".weight", ".bias");

  /// A whole matrix.
  public Layout(boolean transposed, int stack, String weight, String bias) {
    this(transposed, stack, weight, bias, Part.ALL);
  }

  /// Some rows of a matrix that holds those of several linears of one size.
  ///
  /// @param index which of the linears
  /// @param count how many there are
  /// @param alternating their rows take turns; otherwise all rows of one follow each other
  public record Part(int index, int count, boolean alternating) {
    static final Part ALL = new Part(0, 1, false);

    /// The stored row of a row of the linear.
    ///
    /// @param out rows of the linear
    public int row(int row, int out) {
      return alternating ? row * count + index : index * out + row;
    }
  }

  /// The layout of a linear that has some of the rows stored so.
  public Layout part(Part of) {
    return new Layout(transposed, stack, weight, bias, of);
  }

  /// The stored shape of an `[out, in]` matrix.
  public List<Long> shape(int out, int in) {
    List<Long> shape = new ArrayList<>();
    if (stack > 0) {
      shape.add((long) stack);
    }
    long rows = (long) out * part.count();
    shape.add(transposed ? in : rows);
    shape.add(transposed ? rows : in);
    return shape;
  }

  Parameter bias(WeightId id, int out) {
    long rows = (long) out * part.count();
    return stack == 0
        ? new Parameter(id, bias, List.of(rows), -1, part)
        : new Parameter(id, bias, List.of((long) stack, rows), id.expert(), part);
  }
}
