package io.metalmarlin.runtime.load;

import io.metalmarlin.formats.open.OpenModel;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.arch.Architectures;
import java.nio.file.Path;

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

  private static Model open(
      Path path, OpenModel files, java.util.function.Supplier<ModelSpec> describe) {
    boolean opened = false;
    try {
      ModelSpec spec = StoredNames.of(describe.get(), files.checkpoint());
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
}
