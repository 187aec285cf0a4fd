package io.metalmarlin.formats.model;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.gptoss.GptOssMxfp4;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ObjectNode;

/// The MXFP4 checkpoints of gpt-oss, read only: `mlp.experts.gate_up_proj_blocks` U8 `[E, out,
/// in/32, 16]`, `..._scales` U8 `[E, out, in/32]`, and the same for `down_proj`.
///
/// Expert `E` of `mlp.experts.gate_up_proj` is presented as the module
/// `mlp.experts.E.gate_up_proj`, with the rows as they are stored: even rows belong to the gate,
/// odd rows to the up projection.
public final class GptOssDialect implements Dialect {
  private static final String METHOD = "mxfp4";
  private static final String BLOCKS = "_blocks";

  @Override
  public String name() {
    return "gpt-oss";
  }

  @Override
  public boolean accepts(ModelConfig config, Checkpoint checkpoint) {
    QuantizationConfig q = QuantizationConfig.of(config);
    boolean looksLikeIt =
        q.silent()
            && Tensors.any(checkpoint, List.of("experts.gate_up_proj" + BLOCKS))
            && Tensors.any(checkpoint, List.of("experts.gate_up_proj_scales"));
    return q.says(METHOD) || looksLikeIt;
  }

  @Override
  public boolean writes() {
    return false;
  }

  @Override
  public SequencedMap<String, PackedModule> modules(ModelConfig config, Checkpoint checkpoint) {
    PlaneFinder finder = new PlaneFinder(checkpoint);
    SequencedMap<String, PackedModule> modules = new LinkedHashMap<>();
    for (TensorInfo info : checkpoint.tensors().values()) {
      if (info.name().endsWith(BLOCKS)) {
        for (PackedModule m : modules(checkpoint, finder, info)) {
          modules.put(m.stem(), m);
        }
      }
    }
    return modules;
  }

  private static List<PackedModule> modules(
      Checkpoint checkpoint, PlaneFinder finder, TensorInfo info) {
    List<Long> shape = info.shape();
    String stem = info.name().substring(0, info.name().length() - BLOCKS.length());
    int dot = stem.lastIndexOf('.');
    boolean sound =
        shape.size() == 4
            && shape.stream().allMatch(d -> d > 0 && d <= Integer.MAX_VALUE / 32)
            && shape.get(3) == 16
            && dot > 0;
    if (!sound) {
      throw new MarlinException(
          ErrorCode.TENSOR_MISMATCH,
          checkpoint.file(info.name()) + ": " + info.name(),
          "has shape " + shape + ", MXFP4 blocks are [experts, out, in/32, 16]",
          "The checkpoint is damaged or of a kind this version does not read.");
    }
    String parent = stem.substring(0, dot);
    String projection = stem.substring(dot + 1);
    List<String> names =
        IntStream.range(0, shape.get(0).intValue())
            .mapToObj(expert -> parent + "." + expert + "." + projection)
            .toList();
    int cols = 32 * shape.get(2).intValue();
    return finder.stacked(stem + "_", names, GptOssMxfp4.INSTANCE, shape.get(1).intValue(), cols);
  }

  @Override
  public Set<Class<? extends Packing>> packings() {
    return Set.of(GptOssMxfp4.class);
  }

  @Override
  public Optional<String> onlyModel() {
    return Optional.of("gpt_oss");
  }

  @Override
  public Optional<Packing> packingFor(Scheme scheme, DType model) {
    return Optional.empty();
  }

  @Override
  public Map<String, ObjectNode> describe(ModelConfig source, ModuleLayout layout) {
    throw new IllegalArgumentException(name() + " is read only");
  }
}
