package io.metalmarlin.quant.verify;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.gguf.GgufMetadata;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.runtime.model.ModelSpec;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/// A checkpoint opened as far as that goes: every part that could not be read is empty here and a
/// fault for the check whose business it is. Closing it closes the files.
///
/// @param folder where config and tokenizer are looked for
/// @param files the safetensors files; empty for GGUF
/// @param gguf what a GGUF file says about itself
/// @param config empty when it is missing or malformed
/// @param checkpoint the tensors that can be read, in Hugging Face names
/// @param dialect empty when it is not known
/// @param packed the packed modules
/// @param spec the model's declaration, where its architecture is known
/// @param faults what opening these said, most important first
/// @param target who must load it
/// @param tp devices that share each matrix
public record Subject(
    Path folder,
    Optional<StoredFiles> files,
    Optional<GgufMetadata> gguf,
    Optional<ModelConfig> config,
    Checkpoint checkpoint,
    Optional<Dialect> dialect,
    PackedModules packed,
    Optional<ModelSpec> spec,
    List<MarlinException> faults,
    Optional<TargetRules> target,
    int tp)
    implements AutoCloseable {
  /// The packed modules that can be read, by name.
  public SequencedMap<String, PackedModule> modules() {
    return packed.modules();
  }

  /// Whether a target was named that insists on this.
  public boolean asks(TargetRules.Rule rule) {
    return target.filter(t -> t.asks(rule)).isPresent();
  }

  /// Whether it is written in the dialect of that name.
  public boolean isIn(String dialectName) {
    return dialect.filter(d -> d.name().equals(dialectName)).isPresent();
  }

  /// Whether every file could be read, so that a tensor that is not there is missing indeed.
  public boolean complete() {
    return files.map(StoredFiles::complete).orElse(true) && !checkpoint.tensors().isEmpty();
  }

  /// Whether there is no model to speak of: a file by itself, one that is no checkpoint, or a
  /// folder without weights. What should stand around weights is then nothing to ask for.
  public boolean bare() {
    boolean nothing =
        files.map(f -> f.opened().isEmpty() && f.broken().isEmpty()).orElse(gguf.isEmpty());
    return nothing || files.isPresent() && config.isEmpty() && faults.isEmpty();
  }

  /// `quantization_config` of the configuration; a missing node where there is none.
  public JsonNode quantization() {
    return config
        .<JsonNode>map(c -> c.root().path("quantization_config"))
        .orElse(MissingNode.getInstance());
  }

  /// The matrix of a packed module; empty where its planes hold something that no matrix can be
  /// made of, which is the finding of the check [Check#code] `decode`.
  public Optional<PackedMatrix> matrix(PackedModule module) {
    try {
      return Optional.of(module.matrix(checkpoint));
    } catch (MarlinException e) {
      return Optional.empty();
    }
  }

  /// Names of the tensors that are planes of a packed module.
  public Set<String> planes() {
    Set<String> names = new HashSet<>();
    modules().values().forEach(m -> m.planes().forEach(p -> names.add(p.tensor())));
    return names;
  }

  @Override
  public void close() {
    checkpoint.close();
  }
}
