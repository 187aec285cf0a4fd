package io.metalmarlin.runtime.load;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.open.OpenModel;
import io.metalmarlin.runtime.model.ExpertsApart;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.arch.Architectures;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Supplier;

/// Opens models.
public final class Models {
  private Models() {}

  /// Opens a model folder or a GGUF file, and checks from the headers that every tensor its
  /// configuration asks for is there in a form that can be read. The caller closes the model.
  ///
  /// @throws io.metalmarlin.formats.MarlinException for anything missing, malformed or unsupported,
  ///   a family that is not known among it
  public static Model open(Path path) {
    OpenModel files = OpenModel.open(path);
    return open(path, files, () -> Architectures.describe(files.config()));
  }

  /// The same, but a model of an unknown family opens too, with what names and shapes tell
  /// ([ModelSpec#runnable] is false).
  public static Model openAny(Path path) {
    OpenModel files = OpenModel.open(path);
    return open(
        path,
        files,
        () ->
            Architectures.knows(files.config())
                ? Architectures.describe(files.config())
                : UnknownFamily.describe(
                    files.config(),
                    files.checkpoint(),
                    files.dialect().modules(files.config(), files.checkpoint())));
  }

  private static Model open(Path path, OpenModel files, Supplier<ModelSpec> describe) {
    boolean opened = false;
    try {
      ModelSpec spec =
          asStored(
              describe.get(),
              files.checkpoint(),
              () -> files.dialect().modules(files.config(), files.checkpoint()).keySet());
      CheckpointWeights weights =
          new CheckpointWeights(files.checkpoint(), files.config(), files.dialect(), spec);
      if (spec.runnable()) {
        weights.check();
      }
      opened = true;
      return new Model(path, files.checkpoint(), files.config(), files.dialect(), spec, weights);
    } finally {
      if (!opened) {
        files.close();
      }
    }
  }

  /// A family's declaration with names and layouts as a checkpoint has them.
  ///
  /// @param packed gives the names of the packed modules; asked for mixtures of experts only
  public static ModelSpec asStored(
      ModelSpec spec, Checkpoint checkpoint, Supplier<Set<String>> packed) {
    ModelSpec named = StoredHead.of(StoredNames.of(spec, checkpoint), checkpoint);
    return StoredExperts.of(named, checkpoint.tensors().keySet(), packed);
  }

  /// The model with its experts declared one by one ([ExpertsApart]), of the same checkpoint, which
  /// stays the caller's to close; the model itself where no experts are stacked.
  public static Model expertsApart(Model model) {
    if (model.spec().linears().stream().noneMatch(l -> l.layout().stack() > 0)) {
      return model;
    }
    ModelSpec spec = ExpertsApart.of(model.spec());
    CheckpointWeights weights =
        new CheckpointWeights(model.checkpoint(), model.config(), model.dialect(), spec);
    return new Model(
        model.folder(), model.checkpoint(), model.config(), model.dialect(), spec, weights);
  }
}
