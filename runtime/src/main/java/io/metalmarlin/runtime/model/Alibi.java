package io.metalmarlin.runtime.model;

import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.tensor.DType;
import java.util.List;

/// Attention with linear biases: the score of a key grows with its position, in some heads more
/// than in others.
///
/// @param slopes by head
/// @param factor of slope times position
/// @param bfloat slopes, positions and their products are rounded to bfloat16 before the factor
///   (Falcon)
public record Alibi(List<Float> slopes, float factor, boolean bfloat) {
  public Alibi {
    slopes = List.copyOf(slopes);
  }

  /// What is added to the scores of the keys at the first `count` positions.
  public float[] biases(int head, int count) {
    float slope = rounded(slopes.get(head));
    float[] biases = new float[count];
    for (int p = 0; p < count; p++) {
      biases[p] = factor * rounded(slope * rounded(p));
    }
    return biases;
  }

  private float rounded(float value) {
    return bfloat ? Floats.round(value, DType.BF16) : value;
  }
}
