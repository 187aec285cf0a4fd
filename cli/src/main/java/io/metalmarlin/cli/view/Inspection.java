package io.metalmarlin.cli.view;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.gguf.GgufCheckpoint;
import io.metalmarlin.quant.verify.PackedModules;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a checkpoint's headers say.
///
/// @param path what was inspected
/// @param container kind of its files
/// @param dialect empty for files without configuration whose tensors are not packed, and for an
///   unknown dialect
/// @param modelType empty without configuration and for an architecture nobody here knows
/// @param gguf of a GGUF file only
/// @param tensors in file order
/// @param schemes how much is stored in which way
public record Inspection(
    Path path,
    String container,
    List<Path> files,
    Map<String, String> metadata,
    Optional<String> dialect,
    Optional<String> modelType,
    Optional<GgufFacts> gguf,
    List<ListedTensor> tensors,
    List<SchemeShare> schemes) {
  /// A checkpoint with the names and the dialect of its configuration.
  ///
  /// @param dialect empty when none was recognised: then nothing but plain floating-point tensors
  ///   can be told to be weights
  /// @param found its packed modules
  public static Inspection of(
      Path path,
      String container,
      Checkpoint checkpoint,
      Optional<String> dialect,
      Optional<String> modelType,
      PackedModules found,
      boolean recognised) {
    List<PackedPart> parts = PackedPart.of(found.modules().values(), checkpoint);
    List<ListedTensor> tensors =
        ListedTensor.all(
            checkpoint.tensors().values(),
            parts,
            stem -> !recognised || found.faulty().contains(stem));
    return new Inspection(
        path,
        container,
        checkpoint.files(),
        checkpoint.metadata(),
        dialect,
        modelType,
        Optional.empty(),
        tensors,
        SchemeShare.of(parts, tensors));
  }

  /// A GGUF file under its own names.
  public static Inspection of(
      Path path,
      String container,
      GgufCheckpoint file,
      String dialect,
      Optional<String> modelType,
      GgufFacts facts) {
    List<PackedPart> parts = PackedPart.of(file);
    List<ListedTensor> tensors = ListedTensor.all(file.tensors().values(), parts, stem -> false);
    return new Inspection(
        path,
        container,
        file.files(),
        file.metadata(),
        Optional.of(dialect),
        modelType,
        Optional.of(facts),
        tensors,
        SchemeShare.of(parts, tensors));
  }

  /// Bytes of all tensors.
  long bytes() {
    return tensors.stream().mapToLong(t -> t.info().byteSize()).sum();
  }

  /// Weights of the model: a quantized matrix counts as what it stands for.
  long weights() {
    return schemes.stream().mapToLong(SchemeShare::weights).sum();
  }

  /// Bits of all tensors for each weight; not finite when tensors are of unknown meaning.
  double bitsPerWeight() {
    return unreadable() > 0 || weights() == 0 ? Double.NaN : 8.0 * bytes() / weights();
  }

  /// Why [#bitsPerWeight] has no value.
  String whyNoBits() {
    return unreadable() > 0
        ? unreadable() + " tensors are packed in a way that was not made out"
        : "no weights";
  }

  /// All quantized shares as one.
  SchemeShare quantized() {
    long count = 0;
    long weights = 0;
    long bytes = 0;
    for (SchemeShare s : schemes) {
      if (s.role() == TensorRole.QUANTIZED) {
        count += s.count();
        weights += s.weights();
        bytes += s.bytes();
      }
    }
    return new SchemeShare(TensorRole.QUANTIZED, "", "", count, weights, bytes);
  }

  private long unreadable() {
    return tensors.stream().filter(t -> t.role() == TensorRole.UNREADABLE).count();
  }
}
