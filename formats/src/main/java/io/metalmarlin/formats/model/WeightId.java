package io.metalmarlin.formats.model;

import java.util.Comparator;

/// The neutral name of a weight: its layer and what it does there.
///
/// @param layer 0-based block, or [#OUTSIDE] for weights that belong to no block
/// @param expert which of several weights of that role: the expert of a mixture, the head of a norm
///   with a tensor per head; [#SINGLE] where there is one
public record WeightId(int layer, Role role, int expert) implements Comparable<WeightId> {
  public static final int OUTSIDE = -1;
  public static final int SINGLE = -1;

  private static final Comparator<WeightId> ORDER =
      Comparator.comparingInt(WeightId::layer)
          .thenComparing(WeightId::role)
          .thenComparingInt(WeightId::expert);

  public WeightId(int layer, Role role) {
    this(layer, role, SINGLE);
  }

  public static WeightId outside(Role role) {
    return new WeightId(OUTSIDE, role);
  }

  @Override
  public int compareTo(WeightId other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    String name = layer == OUTSIDE ? "" : layer + ".";
    name += role.name().toLowerCase();
    return expert == SINGLE ? name : name + "." + expert;
  }
}
