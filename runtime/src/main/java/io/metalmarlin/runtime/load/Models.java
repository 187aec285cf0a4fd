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
  /// @throws io.metalmarlin.formats.MarlinException for anything missing, malformed or unsupported
  public static Model open(Path path) {
    OpenModel files = OpenModel.open(path);
    boolean opened = false;
    try {
      ModelSpec spec = Architectures.of(files.config()).describe(files.config());
      CheckpointWeights weights =
          new CheckpointWeights(files.checkpoint(), files.config(), files.dialect(), spec);
      weights.check();
      opened = true;
      return new Model(path, files.checkpoint(), files.config(), files.dialect(), spec, weights);
    } finally {
      if (!opened) {
        files.close();
      }
    }
  }
}
