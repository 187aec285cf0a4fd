package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.gguf.GgufMetadata;
import io.metalmarlin.formats.container.safetensors.StreamedShards;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.model.gguf.GgufView;
import io.metalmarlin.formats.open.OpenModel;
import io.metalmarlin.formats.scheme.BlockPacking;
import io.metalmarlin.formats.scheme.blocks.GroupedBlockPacking;
import io.metalmarlin.formats.scheme.blocks.GroupedBlocks;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/// A checkpoint to be converted, opened by names and shapes alone: no architecture need be known.
///
/// @param modules its packed modules by name; ggml blocks of plain codes are read as groups
public record ConvertSource(OpenModel model, SequencedMap<String, PackedModule> modules)
    implements AutoCloseable {
  /// Opens a model folder or a GGUF file.
  ///
  /// @throws io.metalmarlin.formats.MarlinException for anything missing, malformed or of a layout
  ///   that is not read
  public static ConvertSource open(Path path) {
    return of(OpenModel.open(path));
  }

  /// A model whose shards come when they are asked for.
  ///
  /// @throws MarlinException `TARGET_CANNOT` for a quantized one, all of whose scales are read to
  ///   make a plan
  public static ConvertSource open(Path folder, StreamedShards shards) {
    ConvertSource source = of(OpenModel.open(folder, shards));
    if (!source.modules().isEmpty()) {
      source.close();
      throw new MarlinException(
          ErrorCode.TARGET_CANNOT,
          folder.toString(),
          "is quantized already, and a plan for it reads all of its scales, so it cannot come shard by shard",
          "Download it whole: leave --delete-source-shards out.");
    }
    return source;
  }

  private static ConvertSource of(OpenModel model) {
    boolean opened = false;
    try {
      SequencedMap<String, PackedModule> modules = new LinkedHashMap<>();
      model
          .dialect()
          .modules(model.config(), model.checkpoint())
          .forEach((name, m) -> modules.put(name, grouped(m)));
      opened = true;
      return new ConvertSource(model, modules);
    } finally {
      if (!opened) {
        model.close();
      }
    }
  }

  private static PackedModule grouped(PackedModule m) {
    return m.packing() instanceof BlockPacking b && GroupedBlocks.scheme(b.type()).isPresent()
        ? new PackedModule(
            m.stem(),
            new GroupedBlockPacking(b.type()),
            m.rows(),
            m.cols(),
            m.planes(),
            m.transform())
        : m;
  }

  /// What the user named.
  public Path path() {
    return model.path();
  }

  public Checkpoint checkpoint() {
    return model.checkpoint();
  }

  public ModelConfig config() {
    return model.config();
  }

  public Dialect dialect() {
    return model.dialect();
  }

  /// What a GGUF file says beside its tensors; empty for another container.
  public Optional<GgufMetadata> gguf() {
    return checkpoint() instanceof GgufView view
        ? Optional.of(view.gguf().typedMetadata())
        : Optional.empty();
  }

  @Override
  public void close() {
    model.close();
  }
}
