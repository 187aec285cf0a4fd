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
public record Layout(boolean transposed, int stack, String weight, String bias) {
  /// `module.weight` `[out, in]`.
  public static final Layout PLAIN = new Layout(false, 0, ".weight", ".bias");

  /// `module.weight` `[in, out]` (GPT-2's Conv1D).
  public static final Layout TRANSPOSED = new Layout(true, 0, ".weight", ".bias");

  /// The stored shape of an `[out, in]` matrix.
  public List<Long> shape(int out, int in) {
    List<Long> shape = new ArrayList<>();
    if (stack > 0) {
      shape.add((long) stack);
    }
    shape.add((long) (transposed ? in : out));
    shape.add((long) (transposed ? out : in));
    return shape;
  }

  Parameter bias(WeightId id, int out) {
    return stack == 0
        ? new Parameter(id, bias, out)
        : new Parameter(id, bias, List.of((long) stack, (long) out), id.expert());
  }
}
