package io.metalmarlin.formats.model;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.tensor.TensorInfo;

/// What the planes `qweight`, `qzeros` and `scales` of GPTQ and AWQ say about a module by their
/// shapes alone.
///
/// @param stem the module
record TransposedPlanes(Checkpoint checkpoint, String stem) {
  /// Whether the module is packed.
  ///
  /// @throws MarlinException `TENSOR_MISSING` if its zero points are there without its codes
  static boolean packed(Checkpoint checkpoint, String stem) {
    if (Tensors.has(checkpoint, stem + ".qzeros")) {
      Tensors.require(checkpoint, stem + ".qweight");
    }
    return Tensors.has(checkpoint, stem + ".qweight");
  }

  /// The stored type of the scales.
  ///
  /// @throws MarlinException `TENSOR_MISSING`, `TENSOR_MISMATCH` unless it is a float type
  ScaleType scaleType() {
    TensorInfo scales = require("scales");
    return switch (scales.dtype()) {
      case F16, BF16, F32 -> ScaleType.of(scales.dtype());
      default -> throw mismatch("scales", "is " + scales.dtype() + ", scales are F16, BF16 or F32");
    };
  }

  /// Rows and columns of a plane.
  int[] size(String plane) {
    require(plane);
    return Tensors.matrix(checkpoint, stem + "." + plane);
  }

  /// Columns of a group.
  ///
  /// @param cols inputs of the module
  /// @param said by the configuration, [GroupScheme#WHOLE] for one group
  /// @param mayDiffer whether modules may have another group size than the configuration says
  int groupSize(int cols, int said, boolean mayDiffer) {
    int groups = size("scales")[0];
    if (groups == Math.ceilDiv(cols, Math.min(cols, said))) {
      return said;
    }
    if (!mayDiffer || cols % groups != 0) {
      throw mismatch(
          "scales",
          "has %d groups for an input of %d, group_size %s makes %d"
              .formatted(
                  groups,
                  cols,
                  said == GroupScheme.WHOLE ? "-1" : Integer.toString(said),
                  Math.ceilDiv(cols, Math.min(cols, said))));
    }
    return groups == 1 ? GroupScheme.WHOLE : cols / groups;
  }

  MarlinException mismatch(String plane, String what) {
    String tensor = stem + "." + plane;
    return new MarlinException(
        ErrorCode.TENSOR_MISMATCH,
        checkpoint.file(tensor) + ": " + tensor,
        what,
        "config.json and the tensors belong to different models; download both again.");
  }

  private TensorInfo require(String plane) {
    TensorInfo info = checkpoint.tensors().get(stem + "." + plane);
    if (info == null) {
      throw new MarlinException(
          ErrorCode.TENSOR_MISSING,
          stem + "." + plane,
          "is not in the checkpoint, but " + stem + ".qweight is",
          "The checkpoint is incomplete; download it again.");
    }
    return info;
  }
}
