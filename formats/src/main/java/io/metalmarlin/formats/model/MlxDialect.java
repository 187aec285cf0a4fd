package io.metalmarlin.formats.model;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.mlx.MlxAffine;
import io.metalmarlin.formats.scheme.mlx.MlxFloat;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ObjectNode;

/// MLX, the dialect of mlx-lm on Apple silicon: `weight` U32, `scales` and in affine mode `biases`,
/// embeddings and head included; widths in the `quantization` object of `config.json`, each module
/// its own where they differ. A module is quantized if its `scales` are there.
public final class MlxDialect implements Dialect {
  @Override
  public String name() {
    return "mlx";
  }

  @Override
  public Checkpoint view(ModelConfig config, Checkpoint checkpoint) {
    return MlxView.of(config, checkpoint);
  }

  /// What a checkpoint without the object holds cannot be told: bits and group size are nowhere
  /// else.
  @Override
  public boolean accepts(ModelConfig config, Checkpoint checkpoint) {
    return MlxConfig.of(config).isPresent();
  }

  @Override
  public SequencedMap<String, PackedModule> modules(ModelConfig config, Checkpoint checkpoint) {
    MlxConfig mlx = MlxConfig.of(config).orElseThrow();
    PlaneFinder finder = new PlaneFinder(checkpoint);
    SequencedMap<String, PackedModule> modules = new LinkedHashMap<>();
    for (String stem : Tensors.stems(checkpoint)) {
      if (Tensors.has(checkpoint, stem + ".scales")) {
        for (PackedModule m : modules(mlx, checkpoint, finder, stem)) {
          modules.put(m.stem(), m);
        }
      } else if (Tensors.is(checkpoint, stem + ".weight", DType.U32)) {
        throw mismatch(checkpoint, stem + ".weight", "is packed, but has no " + stem + ".scales");
      }
    }
    return modules;
  }

  private static List<PackedModule> modules(
      MlxConfig mlx, Checkpoint checkpoint, PlaneFinder finder, String stem) {
    if (mlx.excludes(stem)) {
      throw mlx.malformed("says " + stem + " is not quantized, but its scales are stored");
    }
    GroupPacking packing = mlx.packing(stem, scaleType(checkpoint, stem));
    String weight = stem + ".weight";
    TensorInfo info = checkpoint.tensors().get(weight);
    if (info == null) {
      throw new MarlinException(
          ErrorCode.TENSOR_MISSING,
          weight,
          "is not in the checkpoint, but " + stem + ".scales is",
          "The checkpoint is incomplete; download it again.");
    }
    boolean stacked = info.shape().size() == 3;
    int[] size = stacked ? stack(checkpoint, info) : Tensors.matrix(checkpoint, weight);
    int rows = size[size.length - 2];
    long bits = 32L * size[size.length - 1];
    int width = packing.scheme().codeBits();
    if (bits % width != 0 || bits / width % packing.scheme().groupSize() != 0) {
      throw mismatch(
          checkpoint,
          weight,
          "has shape %s, which is no whole number of groups of %d codes of %d bits"
              .formatted(info.shape(), packing.scheme().groupSize(), width));
    }
    int cols = (int) (bits / width);
    if (!stacked) {
      return List.of(finder.module(stem, packing, rows, cols, Optional.empty()));
    }
    List<String> names =
        IntStream.range(0, size[0]).mapToObj(e -> MlxNames.expert(stem, e)).toList();
    return finder.stacked(stem + ".", names, packing, rows, cols);
  }

  /// The type of the scales, for the affine mode; the other modes do not ask.
  static ScaleType scaleType(Checkpoint checkpoint, String stem) {
    return switch (checkpoint.tensors().get(stem + ".scales").dtype()) {
      case F16 -> ScaleType.F16;
      case F32 -> ScaleType.F32;
      // Another type is reported when the plane is looked up.
      default -> ScaleType.BF16;
    };
  }

  private static int[] stack(Checkpoint checkpoint, TensorInfo info) {
    boolean sound = info.shape().stream().allMatch(d -> d > 0 && d <= Integer.MAX_VALUE / 16);
    if (!sound || !MlxNames.isStacked(info.name())) {
      throw mismatch(
          checkpoint,
          info.name(),
          "has shape %s; only the experts of switch_mlp are stacked".formatted(info.shape()));
    }
    return info.shape().stream().mapToInt(Long::intValue).toArray();
  }

  private static MarlinException mismatch(Checkpoint checkpoint, String tensor, String what) {
    return new MarlinException(
        ErrorCode.TENSOR_MISMATCH,
        checkpoint.file(tensor) + ": " + tensor,
        what,
        "config.json and the tensors belong to different models; download both again.");
  }

  @Override
  public Set<Class<? extends Packing>> packings() {
    return Set.of(MlxAffine.class, MlxFloat.class);
  }

  /// Integers of any kind go to the affine mode of the same width, group and type of scales: a bias
  /// says what a zero point says.
  @Override
  public Optional<Packing> packingFor(Scheme scheme, DType model) {
    if (scheme instanceof IntScheme s) {
      return MlxAffine.canHold(s.bits(), s.groupSize())
          ? Optional.of(MlxAffine.of(s.bits(), s.groupSize(), s.scaleType()))
          : Optional.empty();
    }
    return MlxFloat.of(scheme).map(f -> f);
  }

  @Override
  public boolean packsEmbeddings() {
    return true;
  }

  @Override
  public Map<String, ObjectNode> describe(ModelConfig source, ModuleLayout layout) {
    requireWritten(source);
    return Map.of("config.json", MlxDescription.of(source, layout));
  }

  @Override
  public void requireSidecars(ModelConfig source, Path sourceFolder) {
    requireWritten(source);
  }

  /// @throws MarlinException `TARGET_CANNOT` for the family whose norms MLX stores rounded
  private static void requireWritten(ModelConfig source) {
    if (source.text("model_type").filter(MlxShifted.FAMILY::equals).isPresent()) {
      throw new MarlinException(
          ErrorCode.TARGET_CANNOT,
          source.file().toString(),
          "MLX stores the norms of qwen3_next with one added and rounded, which is not written",
          "Convert the dense model with mlx-lm's own converter, or choose another dialect.");
    }
  }

  @Override
  public CheckpointWriter create(
      Path folder,
      List<TensorInfo> tensors,
      ModelConfig source,
      Path sourceFolder,
      long maxShardBytes) {
    return MlxWriter.create(folder, tensors, maxShardBytes);
  }
}
