package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.safetensors.Safetensors;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/// One family's way of spelling a checkpoint: tensor suffixes and config keys. Knows no numbers.
public interface Dialect {
  /// Short name, for example `compressed-tensors`.
  String name();

  /// Whether a checkpoint with this configuration is written in this dialect.
  boolean accepts(ModelConfig config, Checkpoint checkpoint);

  /// The checkpoint with tensors named and shaped as in Hugging Face's, where this dialect has them
  /// otherwise and they are not packed. Closing the view closes the checkpoint.
  default Checkpoint view(ModelConfig config, Checkpoint checkpoint) {
    return checkpoint;
  }

  /// Every packed module of a checkpoint by its Hugging Face module name, in file order; tensors
  /// that are no plane of one of them are dense or auxiliary. Reads headers only, or tensors of a
  /// few bytes that hold a shape.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `REFUSED_FORMAT` for a layout that this dialect
  ///   knows but this version does not read, `TENSOR_MISSING` and `TENSOR_MISMATCH` for planes that
  ///   do not fit together
  SequencedMap<String, PackedModule> modules(ModelConfig config, Checkpoint checkpoint);

  /// The kinds of packing that [#modules] may find in its checkpoints; empty where all is dense.
  Set<Class<? extends Packing>> packings();

  /// The only `model_type` whose checkpoints are written in it; empty where any may be.
  default Optional<String> onlyModel() {
    return Optional.empty();
  }

  /// The packing in which this dialect would store a matrix of the grid `scheme` without touching
  /// its codes, or empty where it has none. The packing's own scheme may differ in the type of its
  /// scales and in how it spells zero points.
  ///
  /// @param model the type of the model's dense tensors, which some dialects use for scales
  Optional<Packing> packingFor(Scheme scheme, DType model);

  /// Whether a module in this layout can be described without scales of its inputs.
  default boolean weightsAlone(Packing packing) {
    return true;
  }

  /// What this dialect's loaders may do to the inputs of quantized modules; always with
  /// [Activations#NONE] when it writes anything.
  default Set<Activations> activations() {
    return Set.of(Activations.NONE);
  }

  /// The tensor that every module with these activations must have beside its planes; empty where
  /// nothing about the input is stored.
  default Optional<ActivationScale> activationScale(Activations activations) {
    return Optional.empty();
  }

  /// Where the scales of an FP8 key-value cache are stored; empty where there is no place for them.
  default Optional<CacheScales> cacheScales() {
    return Optional.empty();
  }

  /// Whether this version writes the dialect; where not, there is no packing for any scheme.
  default boolean writes() {
    return true;
  }

  /// Whether embeddings may be packed too; elsewhere only linears are.
  default boolean packsEmbeddings() {
    return false;
  }

  /// Whether a runner of this dialect applies online input transforms.
  default boolean runsInputTransforms() {
    return false;
  }

  /// The JSON files that tell a loader how the modules are stored: file name to content, always
  /// with `config.json` (the source's configuration with the dialect's keys added).
  ///
  /// @throws IllegalArgumentException if the dialect is not written
  Map<String, ObjectNode> describe(ModelConfig source, ModuleLayout layout);

  /// Checks what an output needs of the source beside its tensors, as far as the dialect's files
  /// hold it, before anything is written.
  ///
  /// @param source the model's configuration
  /// @param sourceFolder as for [#create]
  /// @throws io.metalmarlin.formats.MarlinException naming what is missing or has no place
  default void requireSidecars(ModelConfig source, Path sourceFolder) {}

  /// Creates the files of an output in an existing folder. Tensors are named, shaped and written as
  /// in a Hugging Face checkpoint; a dialect that stores them under other names, in another order
  /// or type, or in one file with the configuration translates while they are written. Opening
  /// again over files of the same layout keeps what was already written (resume).
  ///
  /// @param source the model's configuration
  /// @param sourceFolder where a dialect whose files hold the tokenizer finds it
  /// @param maxShardBytes largest file
  default CheckpointWriter create(
      Path folder,
      List<TensorInfo> tensors,
      ModelConfig source,
      Path sourceFolder,
      long maxShardBytes) {
    return Safetensors.INSTANCE.create(folder, tensors, Map.of("format", "pt"), maxShardBytes);
  }
}
