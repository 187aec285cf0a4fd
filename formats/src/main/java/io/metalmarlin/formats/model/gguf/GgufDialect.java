package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.gguf.Gguf;
import io.metalmarlin.formats.container.gguf.GgufMetadata;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.ModuleLayout;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.model.PlaneFinder;
import io.metalmarlin.formats.scheme.BlockPacking;
import io.metalmarlin.formats.scheme.BlockScheme;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.Sparse24Scheme;
import io.metalmarlin.formats.scheme.TrellisScheme;
import io.metalmarlin.formats.scheme.blocks.GroupedBlockPacking;
import io.metalmarlin.formats.scheme.blocks.GroupedBlocks;
import io.metalmarlin.formats.scheme.blocks.ScaledNvfp4;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/// GGUF as a dialect: a matrix is one tensor of a ggml block type, and the file itself holds
/// configuration and tokenizer. Read through [GgufView], under Hugging Face names.
public final class GgufDialect implements Dialect {
  private static final String WEIGHT = ".weight";

  @Override
  public String name() {
    return "gguf";
  }

  @Override
  public boolean accepts(ModelConfig config, Checkpoint checkpoint) {
    return checkpoint instanceof GgufView;
  }

  @Override
  public SequencedMap<String, PackedModule> modules(ModelConfig config, Checkpoint checkpoint) {
    SequencedMap<String, PackedModule> modules = new LinkedHashMap<>();
    PlaneFinder finder = new PlaneFinder(checkpoint);
    for (TensorInfo t : checkpoint.tensors().values()) {
      List<Long> shape = t.shape();
      if (t.dtype().isBlock() && t.name().endsWith(WEIGHT) && shape.size() == 2) {
        String stem = t.name().substring(0, t.name().length() - WEIGHT.length());
        boolean scaled = checkpoint.tensors().containsKey(stem + ".weight_scale_2");
        Packing packing = scaled ? ScaledNvfp4.INSTANCE : new BlockPacking(t.dtype());
        int rows = Math.toIntExact(shape.getFirst());
        int cols = Math.toIntExact(shape.getLast());
        modules.put(stem, finder.module(stem, packing, rows, cols, Optional.empty()));
      }
    }
    return modules;
  }

  @Override
  public Set<Class<? extends Packing>> packings() {
    return Set.of(BlockPacking.class, GroupedBlockPacking.class, ScaledNvfp4.class);
  }

  /// The block type with the same codes and groups.
  @Override
  public Optional<Packing> packingFor(Scheme scheme, DType model) {
    return switch (scheme) {
      case BlockScheme s -> Optional.of(new BlockPacking(s.type()));
      case Nvfp4Scheme s when s.hasTensorScale() -> Optional.of(ScaledNvfp4.INSTANCE);
      case IntScheme s when s.groupSize() == 32 ->
          GroupedBlocks.type(new IntScheme(s.bits(), 32, ScaleType.F16, stored(s.zero())))
              .map(GroupedBlockPacking::new);
      case GroupScheme s -> GroupedBlocks.type(s).map(GroupedBlockPacking::new);
      case Sparse24Scheme s -> Optional.empty();
      case TrellisScheme s -> Optional.empty();
    };
  }

  @Override
  public boolean packsEmbeddings() {
    return true;
  }

  /// Zero points are stored as what they subtract.
  private static Zero stored(Zero zero) {
    return zero == Zero.NONE ? Zero.NONE : Zero.BIAS;
  }

  /// Nothing: a GGUF file says everything about itself.
  @Override
  public Map<String, ObjectNode> describe(ModelConfig source, ModuleLayout layout) {
    return Map.of();
  }

  /// The tokenizer, which is part of the file.
  @Override
  public void requireSidecars(ModelConfig source, Path sourceFolder) {
    TokenizerSource.keys(sourceFolder, source);
  }

  /// One file `model.gguf` with configuration and tokenizer, split where it would be larger than
  /// `maxShardBytes`.
  @Override
  public CheckpointWriter create(
      Path folder,
      List<TensorInfo> tensors,
      ModelConfig source,
      Path sourceFolder,
      long maxShardBytes) {
    GgufOutput output = GgufOutput.of(source, tensors);
    String name = String.valueOf(sourceFolder.toAbsolutePath().normalize().getFileName());
    GgufMetadata metadata =
        GgufKeys.of(source, name, GgufFileType.of(output.tensors()))
            .with(TokenizerSource.keys(sourceFolder, source));
    CheckpointWriter file =
        Gguf.INSTANCE.create(
            folder.resolve(Gguf.FILE_NAME), output.tensors(), metadata, maxShardBytes);
    return new GgufModelWriter(file, output);
  }
}
