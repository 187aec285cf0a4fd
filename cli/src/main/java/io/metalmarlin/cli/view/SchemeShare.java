package io.metalmarlin.cli.view;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// How much of a checkpoint is stored in one way.
///
/// @param scheme of quantized matrices; the tensors' type otherwise
/// @param packing of quantized matrices; empty otherwise
/// @param count matrices of a quantized share, tensors otherwise
/// @param weights elements they stand for; 0 where they are no weights or nobody knows
/// @param bytes they take
record SchemeShare(
    TensorRole role, String scheme, String packing, long count, long weights, long bytes) {
  private record Kind(TensorRole role, String scheme, String packing) {}

  /// Stored bits for each weight; not finite without weights.
  double bitsPerWeight() {
    return weights == 0 ? Double.NaN : 8.0 * bytes / weights;
  }

  private SchemeShare plus(SchemeShare o) {
    return new SchemeShare(
        role, scheme, packing, count + o.count, weights + o.weights, bytes + o.bytes);
  }

  /// Every share, quantized ones first, within a role the one with most bytes first.
  static List<SchemeShare> of(List<PackedPart> parts, List<ListedTensor> tensors) {
    Map<Kind, SchemeShare> shares = new LinkedHashMap<>();
    for (PackedPart p : parts) {
      add(
          shares,
          new SchemeShare(
              TensorRole.QUANTIZED, p.scheme(), p.packing(), 1, p.weights(), p.bytes()));
    }
    for (ListedTensor t : tensors) {
      if (t.role() != TensorRole.QUANTIZED) {
        long weights = t.role() == TensorRole.DENSE ? t.info().elements() : 0;
        String type = t.info().dtype().name();
        add(shares, new SchemeShare(t.role(), type, "", 1, weights, t.info().byteSize()));
      }
    }
    List<SchemeShare> sorted = new ArrayList<>(shares.values());
    sorted.sort(
        Comparator.comparing(SchemeShare::role)
            .thenComparing(Comparator.comparingLong(SchemeShare::bytes).reversed())
            .thenComparing(SchemeShare::scheme)
            .thenComparing(SchemeShare::packing));
    return List.copyOf(sorted);
  }

  private static void add(Map<Kind, SchemeShare> shares, SchemeShare s) {
    shares.merge(new Kind(s.role, s.scheme, s.packing), s, SchemeShare::plus);
  }
}
