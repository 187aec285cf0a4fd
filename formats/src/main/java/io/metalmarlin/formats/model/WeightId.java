package io.metalmarlin.formats.model;

/// The neutral name of a weight: its layer and what it does there.
///
/// @param layer 0-based block, or [#OUTSIDE] for weights that belong to no block
public record WeightId(int layer, Role role) implements Comparable<WeightId> {
  public static final int OUTSIDE = -1;

  public static WeightId outside(Role role) {
    return new WeightId(OUTSIDE, role);
  }

  @Override
  public int compareTo(WeightId other) {
    int byLayer = Integer.compare(layer, other.layer);
    return byLayer != 0 ? byLayer : role.compareTo(other.role);
  }

  @Override
  public String toString() {
    return layer == OUTSIDE ? role.name().toLowerCase() : layer + "." + role.name().toLowerCase();
  }
}
