package io.metalmarlin.cli.view;

import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.quant.verify.PackedModules;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// A stored tensor and what it is for.
///
/// @param part the quantized matrix that it holds or stands beside
record ListedTensor(TensorInfo info, TensorRole role, Optional<PackedPart> part) {
  private static final Set<DType> PLAIN = EnumSet.of(DType.F64, DType.F32, DType.F16, DType.BF16);

  /// Says of every tensor what it is for.
  ///
  /// @param unknown whether nobody knows what the tensors before whose last dot a name stands mean,
  ///   unless all of them are plain floating-point numbers
  static List<ListedTensor> all(
      Collection<TensorInfo> tensors, List<PackedPart> parts, Predicate<String> unknown) {
    Map<String, PackedPart> holders = new HashMap<>();
    Map<String, PackedPart> neighbours = new HashMap<>();
    for (PackedPart part : parts) {
      for (String tensor : part.tensors()) {
        holders.putIfAbsent(tensor, part);
        neighbours.putIfAbsent(PackedModules.stem(tensor), part);
      }
    }
    Set<String> packed = new HashSet<>();
    for (TensorInfo t : tensors) {
      String stem = PackedModules.stem(t.name());
      if (!PLAIN.contains(t.dtype()) && unknown.test(stem)) {
        packed.add(stem);
      }
    }
    List<ListedTensor> all = new ArrayList<>();
    for (TensorInfo t : tensors) {
      String stem = PackedModules.stem(t.name());
      PackedPart holder = holders.get(t.name());
      PackedPart neighbour = t.name().endsWith("bias") ? null : neighbours.get(stem);
      if (holder != null) {
        all.add(new ListedTensor(t, TensorRole.QUANTIZED, Optional.of(holder)));
      } else if (neighbour != null) {
        all.add(new ListedTensor(t, TensorRole.AUXILIARY, Optional.of(neighbour)));
      } else {
        TensorRole role = packed.contains(stem) ? TensorRole.UNREADABLE : TensorRole.DENSE;
        all.add(new ListedTensor(t, role, Optional.empty()));
      }
    }
    return List.copyOf(all);
  }
}
