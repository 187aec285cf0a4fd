package io.metalmarlin.formats.model;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Builds [PackedModule]s, checking every plane's presence, type and shape against the headers.
public final class PlaneFinder {
  private final Checkpoint checkpoint;

  public PlaneFinder(Checkpoint checkpoint) {
    this.checkpoint = checkpoint;
  }

  /// The module `stem` whose planes are the tensors `stem.SUFFIX`.
  ///
  /// @throws MarlinException `TENSOR_MISSING`, `TENSOR_MISMATCH`
  public PackedModule module(
      String stem, Packing packing, int rows, int cols, Optional<InputTransform> transform) {
    List<StoredPlane> planes = new ArrayList<>();
    for (Plane p : packing.planes(rows, cols)) {
      planes.add(StoredPlane.whole(plane(p.tensor(stem)).name()));
    }
    return new PackedModule(stem, packing, rows, cols, planes, transform);
  }

  /// One module per slice of stacked planes `[slices, ...]`.
  ///
  /// @param prefix what stands before the suffix of a stacked plane: `model.x.` or `model.x_`
  /// @param names the module name of each slice
  public List<PackedModule> stacked(
      String prefix, List<String> names, Packing packing, int rows, int cols) {
    List<PackedModule> modules = new ArrayList<>();
    List<Plane> wanted = packing.planes(rows, cols);
    for (Plane p : wanted) {
      List<Long> shape = new ArrayList<>(p.shape());
      shape.addFirst((long) names.size());
      plane(new TensorInfo(prefix + p.suffix(), p.dtype(), shape));
    }
    for (int i = 0; i < names.size(); i++) {
      int slice = i;
      List<StoredPlane> planes =
          wanted.stream()
              .map(p -> new StoredPlane(prefix + p.suffix(), slice, names.size()))
              .toList();
      modules.add(new PackedModule(names.get(i), packing, rows, cols, planes, Optional.empty()));
    }
    return modules;
  }

  /// The stored tensor for a wanted one. A single element may be stored as a scalar or as `[1]`.
  private TensorInfo plane(TensorInfo wanted) {
    TensorInfo info = checkpoint.tensors().get(wanted.name());
    if (info == null) {
      throw new MarlinException(
          ErrorCode.TENSOR_MISSING,
          wanted.name(),
          "is not in the checkpoint (%d tensors), expected with shape %s"
              .formatted(checkpoint.tensors().size(), wanted.shape()),
          "The checkpoint is incomplete or belongs to another config.json; download it again.");
    }
    boolean oneElement =
        wanted.shape().stream().allMatch(d -> d == 1)
            && info.shape().stream().allMatch(d -> d == 1);
    if (!info.shape().equals(wanted.shape()) && !oneElement) {
      throw mismatch(info, "has shape " + info.shape() + ", its layout asks for " + wanted.shape());
    }
    if (info.dtype() != wanted.dtype()) {
      throw mismatch(info, "is " + info.dtype() + ", its layout has " + wanted.dtype());
    }
    return info;
  }

  private MarlinException mismatch(TensorInfo info, String what) {
    return new MarlinException(
        ErrorCode.TENSOR_MISMATCH,
        checkpoint.file(info.name()) + ": " + info.name(),
        what,
        "config.json and the tensors belong to different models; download both again.");
  }
}
