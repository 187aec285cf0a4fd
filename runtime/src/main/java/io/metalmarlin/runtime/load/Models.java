package io.metalmarlin.runtime.load;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.Dialects;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.ModelConfigs;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.arch.Architectures;
import java.nio.file.Path;

/// Opens models.
public final class Models {
  private Models() {}

  /// Opens a model folder and checks from the headers that every tensor its configuration asks for
  /// is there in a form that can be read. The caller closes the model.
  ///
  /// @throws io.metalmarlin.formats.MarlinException for anything missing, malformed or unsupported
  public static Model open(Path folder) {
    ModelConfig config = ModelConfigs.read(folder);
    ModelSpec spec = Architectures.of(config).describe(config);
    Checkpoint checkpoint = Containers.open(folder);
    boolean opened = false;
    try {
      Dialect dialect = Dialects.of(config, checkpoint);
      CheckpointWeights weights = new CheckpointWeights(checkpoint, config, dialect, spec);
      weights.check();
      opened = true;
      return new Model(folder, checkpoint, config, dialect, spec, weights);
    } finally {
      if (!opened) {
        checkpoint.close();
      }
    }
  }
}
