package io.metalmarlin.runtime.model;

import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.ModelSpec.Parameter;
import java.util.ArrayList;
import java.util.List;

/// A normalisation of each `group` consecutive values of a row, times `offset + weight`, plus a
/// bias.
///
/// The weight has `size` values and is repeated along the row: `size == group` for the hidden state
/// and for heads that share one weight, `size` a multiple of `group` for heads with weights of
/// their own.
///
/// @param weight whether there is a weight at all
/// @param offset added to the stored weight, in fp32
/// @param tensors how many tensors the weight is stored in, one after the other; the id's number
///   counts them where there are several
public record Norm(
    WeightId id,
    Kind kind,
    int size,
    int group,
    float epsilon,
    boolean weight,
    boolean bias,
    float offset,
    int tensors) {
  /// What is divided by what.
  public enum Kind {
    /// `x / sqrt(mean(x^2) + epsilon)`.
    RMS,
    /// `(x - mean(x)) / sqrt(var(x) + epsilon)`.
    LAYER
  }

  /// RMS norm of whole rows.
  public static Norm rms(WeightId id, int size, float epsilon) {
    return new Norm(id, Kind.RMS, size, size, epsilon, true, false, 0, 1);
  }

  /// Layer norm of whole rows.
  public static Norm layer(WeightId id, int size, float epsilon, boolean bias) {
    return new Norm(id, Kind.LAYER, size, size, epsilon, true, bias, 0, 1);
  }

  /// This norm with `1 + weight` for the weight.
  public Norm plusOne() {
    return new Norm(id, kind, size, group, epsilon, weight, bias, 1, tensors);
  }

  /// This norm without weight and bias.
  public Norm bare() {
    return new Norm(id, kind, size, group, epsilon, false, false, 0, tensors);
  }

  /// This norm over each of `heads` parts of the row, with a stored tensor for each.
  public Norm perHead(int heads) {
    WeightId first = heads == 1 ? new WeightId(id.layer(), id.role(), 0) : id;
    return new Norm(first, kind, size, size / heads, epsilon, weight, bias, offset, heads);
  }

  /// The stored tensors: weights, then biases.
  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>();
    if (weight) {
      all.addAll(stored(".weight"));
    }
    if (bias) {
      all.addAll(stored(".bias"));
    }
    return all;
  }

  /// The tensors of weight or bias.
  public List<Parameter> stored(String suffix) {
    List<Parameter> all = new ArrayList<>();
    for (int i = 0; i < tensors; i++) {
      WeightId part = tensors == 1 ? id : new WeightId(id.layer(), id.role(), i);
      all.add(new Parameter(part, suffix, size / tensors));
    }
    return all;
  }
}
