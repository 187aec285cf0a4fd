package io.metalmarlin.formats.model;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.sparse24.Sparse24Packing;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The `layouts` of our dialect's versions 2 and 3: which modules are stored in which layout of
/// which grid.
final class MarlinLayouts {
  private static final String SHAPE = "weight_shape";

  // Any number of rows that every layout takes; the widths of planes do not depend on it.
  private static final int ROWS = 256;

  private MarlinLayouts() {}

  /// What each layout of a model is, the transform of its inputs aside.
  static SequencedMap<StoredAs, ObjectNode> of(Map<String, StoredAs> packed) {
    SequencedMap<StoredAs, ObjectNode> layouts = new LinkedHashMap<>();
    packed.forEach((module, stored) ->
        layouts
            .computeIfAbsent(stored, MarlinLayouts::layout)
            .withArrayProperty("modules")
            .add(module));
    return layouts;
  }

  private static ObjectNode layout(StoredAs stored) {
    ObjectNode n = QuantizationConfig.JSON.createObjectNode();
    n.put("scheme", stored.schemeName());
    n.put("format", stored.packing().name());
    n.put("format_version", version(stored.packing()));
    n.set("grid", GridJson.of(stored.packing().scheme()));
    return n;
  }

  /// The modules that the layouts name.
  ///
  /// @param packings the dialect's own choice of a packing for a grid
  /// @param transforms of the inputs of a layout's modules
  /// @throws MarlinException `REFUSED_FORMAT` for a format or version that this one does not write,
  ///   `TENSOR_MISSING`, `TENSOR_MISMATCH`
  static SequencedMap<String, PackedModule> read(
      JsonNode layouts,
      String where,
      Checkpoint checkpoint,
      Function<Scheme, Optional<Packing>> packings,
      Function<JsonNode, Optional<InputTransform>> transforms) {
    SequencedMap<String, PackedModule> modules = new LinkedHashMap<>();
    PlaneFinder finder = new PlaneFinder(checkpoint);
    for (JsonNode layout : layouts) {
      Packing packing =
          GridJson.read(layout.path("grid"))
              .flatMap(grid -> packings.apply(grid).filter(p -> p.scheme().equals(grid)))
              .filter(p -> p.name().equals(layout.path("format").asString("")))
              .filter(p -> version(p) == layout.path("format_version").asInt(0))
              .orElseThrow(() -> refused(layout, where));
      Optional<InputTransform> transform = transforms.apply(layout);
      for (JsonNode name : layout.path("modules")) {
        String stem = name.asString("");
        int[] size = size(packing, checkpoint, stem);
        modules.put(stem, finder.module(stem, packing, size[0], size[1], transform));
      }
    }
    return modules;
  }

  private static int version(Packing packing) {
    return packing instanceof Sparse24Packing ? Sparse24Packing.VERSION : 1;
  }

  private static MarlinException refused(JsonNode layout, String where) {
    return QuantizationConfig.refused(
        where,
        "modules are stored as \"%s\" version %s, grid %s"
            .formatted(
                layout.path("format").asString(""),
                layout.path("format_version"),
                layout.path("grid")));
  }

  /// Rows and columns: what `weight_shape` says, where the layout has it, else what the codes'
  /// shape means; they are whole bytes in the layouts without it.
  private static int[] size(Packing packing, Checkpoint checkpoint, String stem) {
    int some = 32 * packing.scheme().columnMultiple();
    List<Plane> planes = packing.planes(ROWS, some);
    if (planes.stream().anyMatch(p -> p.suffix().equals(SHAPE))) {
      return shape(require(checkpoint, stem + "." + SHAPE), checkpoint);
    }
    Plane codes = planes.getFirst();
    String name = require(checkpoint, stem + "." + codes.suffix()).name();
    int[] stored = Tensors.matrix(checkpoint, name);
    long cols = (long) stored[1] * some / codes.shape().getLast();
    return new int[] {stored[0], Math.toIntExact(cols)};
  }

  private static int[] shape(TensorInfo info, Checkpoint checkpoint) {
    if (info.dtype() != DType.I64 || !info.shape().equals(List.of(2L))) {
      throw mismatch(info, "is %s %s, not I64 [2]".formatted(info.dtype(), info.shape()));
    }
    MemorySegment bytes = checkpoint.bytes(info.name());
    long[] size = new long[2];
    for (int i = 0; i < 2; i++) {
      size[i] = bytes.get(JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 8L * i);
      if (size[i] < 1 || size[i] > Integer.MAX_VALUE / 16) {
        throw mismatch(info, "holds %d, no size of a matrix".formatted(size[i]));
      }
    }
    return new int[] {(int) size[0], (int) size[1]};
  }

  private static TensorInfo require(Checkpoint checkpoint, String name) {
    TensorInfo info = checkpoint.tensors().get(name);
    if (info == null) {
      throw new MarlinException(
          ErrorCode.TENSOR_MISSING,
          name,
          "is not in the checkpoint, but its configuration says how it is stored",
          "The checkpoint is incomplete or belongs to another config.json; download it again.");
    }
    return info;
  }

  private static MarlinException mismatch(TensorInfo info, String what) {
    return new MarlinException(
        ErrorCode.TENSOR_MISMATCH,
        info.name(),
        what,
        "config.json and the tensors belong to different models; download both again.");
  }
}
