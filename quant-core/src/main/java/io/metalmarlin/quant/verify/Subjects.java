package io.metalmarlin.quant.verify;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.gguf.Gguf;
import io.metalmarlin.formats.container.gguf.GgufMetadata;
import io.metalmarlin.formats.container.safetensors.Safetensors;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.Dialects;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.ModelConfigs;
import io.metalmarlin.formats.model.PublishedMixture;
import io.metalmarlin.formats.model.gguf.GgufModel;
import io.metalmarlin.quant.verify.TargetRules.Rule;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.arch.Architectures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Opens what is to be verified without giving up at the first thing that is wrong.
public final class Subjects {
  private Subjects() {}

  /// A model folder, or a single `.safetensors` or `.gguf` file.
  ///
  /// @param target who must load it, if anybody in particular
  /// @param tp devices that share each matrix, at least 1
  /// @throws MarlinException `FILE_UNREADABLE` if the folder itself cannot be listed; all else is
  ///   kept in [Subject#faults] and [StoredFiles#broken]
  public static Subject open(Path path, Optional<TargetRules> target, int tp) {
    boolean tensors = Safetensors.INSTANCE.accepts(path);
    if (!tensors && Gguf.INSTANCE.accepts(path)) {
      return gguf(path, target, tp);
    }
    StoredFiles files = Files.isDirectory(path) ? StoredFiles.of(path) : StoredFiles.single(path);
    List<MarlinException> faults = new ArrayList<>();
    Optional<ModelConfig> config = Optional.empty();
    if (Files.isDirectory(path)) {
      config = attempt(() -> ModelConfigs.read(path), faults);
    }
    ShardSet checkpoint = new ShardSet(files.opened().values());
    return build(
        files.folder(),
        Optional.of(files),
        Optional.empty(),
        config,
        checkpoint,
        faults,
        target,
        tp);
  }

  private static Subject gguf(Path path, Optional<TargetRules> target, int tp) {
    List<MarlinException> faults = new ArrayList<>();
    Path folder = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
    Optional<GgufModel> model = attempt(() -> GgufModel.open(path), faults);
    Optional<GgufMetadata> metadata = model.map(GgufModel::metadata);
    Checkpoint checkpoint =
        model.<Checkpoint>map(GgufModel::view).orElseGet(() -> new ShardSet(List.of()));
    Optional<ModelConfig> config = model.map(GgufModel::config);
    return build(folder, Optional.empty(), metadata, config, checkpoint, faults, target, tp);
  }

  private static Subject build(
      Path folder,
      Optional<StoredFiles> files,
      Optional<GgufMetadata> gguf,
      Optional<ModelConfig> config,
      Checkpoint stored,
      List<MarlinException> faults,
      Optional<TargetRules> target,
      int tp) {
    Optional<Dialect> dialect = config.flatMap(c -> attempt(() -> Dialects.of(c, stored), faults));
    Checkpoint checkpoint =
        dialect
            .flatMap(d -> attempt(() -> view(d, config.orElseThrow(), stored, target), faults))
            .orElse(stored);
    PackedModules packed =
        dialect
            .map(d -> PackedModules.find(d, config.orElseThrow(), checkpoint))
            .orElse(PackedModules.NONE);
    Optional<ModelSpec> spec =
        config
            .flatMap(c -> spec(c, faults))
            .map(s -> Models.asStored(s, checkpoint, () -> packed.modules().keySet()));
    return new Subject(
        folder,
        files,
        gguf,
        config,
        checkpoint,
        dialect,
        packed,
        spec,
        List.copyOf(faults),
        target,
        tp);
  }

  /// The tensors under Hugging Face names; those that the target has no place for stay as they are.
  private static Checkpoint view(
      Dialect dialect, ModelConfig config, Checkpoint stored, Optional<TargetRules> target) {
    Checkpoint viewed = dialect.view(config, stored);
    boolean strict = target.filter(t -> t.asks(Rule.PUBLISHED_MIXTURES)).isPresent();
    boolean renamed = PublishedMixture.of(config).filter(m -> !m.renamed().isEmpty()).isPresent();
    return strict && renamed ? viewed : PublishedMixture.view(config, viewed);
  }

  /// A family that is not known here is nothing against the checkpoint.
  private static Optional<ModelSpec> spec(ModelConfig config, List<MarlinException> faults) {
    try {
      return Optional.of(Architectures.describe(config));
    } catch (MarlinException e) {
      if (e.code() != ErrorCode.UNSUPPORTED_MODEL) {
        faults.add(e);
      }
      return Optional.empty();
    }
  }

  private static <T> Optional<T> attempt(
      java.util.function.Supplier<T> open, List<MarlinException> faults) {
    try {
      return Optional.of(open.get());
    } catch (MarlinException e) {
      faults.add(e);
      return Optional.empty();
    }
  }
}
