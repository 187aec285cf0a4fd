package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.model.PackedModule;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// Which tensors of the source are read after a batch is done.
///
/// @param last tensor to the last batch that reads it
record LaterNeeds(Map<String, Integer> last) {
  /// A module that shares a tensor scale is read with every other one of its set.
  static LaterNeeds of(List<List<ConvertStep>> batches) {
    Map<String, Integer> lastOfSet = new HashMap<>();
    for (int b = 0; b < batches.size(); b++) {
      for (ConvertStep s : batches.get(b)) {
        if (s instanceof ConvertStep.Requantize r) {
          lastOfSet.put(r.fuse(), b);
        }
      }
    }
    Map<String, Integer> last = new HashMap<>();
    for (int b = 0; b < batches.size(); b++) {
      for (ConvertStep s : batches.get(b)) {
        int latest = s instanceof ConvertStep.Requantize r ? lastOfSet.get(r.fuse()) : b;
        tensors(s).forEach(t -> last.merge(t, latest, Math::max));
      }
    }
    return new LaterNeeds(last);
  }

  /// The tensors that batches behind `batch` read.
  Set<String> after(int batch) {
    Set<String> needed = new HashSet<>();
    last.forEach((tensor, b) -> {
      if (b > batch) {
        needed.add(tensor);
      }
    });
    return needed;
  }

  private static Stream<String> tensors(ConvertStep step) {
    return switch (step) {
      case ConvertStep.Keep k -> Stream.of(k.tensor().name());
      case ConvertStep.Cast c -> Stream.of(c.tensor().name());
      case ConvertStep.Number n -> Stream.of();
      case ConvertStep.Repack r -> planes(r.module());
      case ConvertStep.Requantize r -> source(r.source());
      case ConvertStep.Dequantize d -> source(d.source());
    };
  }

  private static Stream<String> source(WeightSource w) {
    return w.module()
        .map(LaterNeeds::planes)
        .orElseGet(() -> Stream.of(w.dense().orElseThrow().name()));
  }

  private static Stream<String> planes(PackedModule m) {
    return m.planes().stream().map(p -> p.tensor());
  }
}
