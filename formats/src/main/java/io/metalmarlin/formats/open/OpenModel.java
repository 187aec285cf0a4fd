package io.metalmarlin.formats.open;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.Container;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.container.gguf.Gguf;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.Dialects;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.ModelConfigs;
import io.metalmarlin.formats.model.PublishedMixture;
import io.metalmarlin.formats.model.gguf.GgufModel;
import java.nio.file.Path;

/// A model's files, opened: tensors under Hugging Face names, configuration and dialect, whatever
/// the container. Needs no model declaration.
///
/// @param path the folder or file that was named
/// @param checkpoint closing this closes it
public record OpenModel(Path path, Checkpoint checkpoint, ModelConfig config, Dialect dialect)
    implements AutoCloseable {
  /// Opens a model folder, or a GGUF file that holds everything.
  ///
  /// @throws io.metalmarlin.formats.MarlinException for anything missing, malformed or refused
  public static OpenModel open(Path path) {
    Container container = Containers.of(path);
    if (container == Gguf.INSTANCE) {
      GgufModel model = GgufModel.open(path);
      return of(path, model.view(), model.config());
    }
    ModelConfig config = ModelConfigs.read(path);
    return of(path, container.open(path), config);
  }

  /// A folder's configuration with tensors that come from elsewhere.
  ///
  /// @param checkpoint closed with the model, and when it cannot be opened
  public static OpenModel open(Path folder, Checkpoint checkpoint) {
    boolean opened = false;
    try {
      OpenModel model = of(folder, checkpoint, ModelConfigs.read(folder));
      opened = true;
      return model;
    } finally {
      if (!opened) {
        checkpoint.close();
      }
    }
  }

  private static OpenModel of(Path path, Checkpoint checkpoint, ModelConfig config) {
    boolean opened = false;
    try {
      Dialect dialect = Dialects.of(config, checkpoint);
      Checkpoint viewed = PublishedMixture.view(config, dialect.view(config, checkpoint));
      OpenModel model = new OpenModel(path, viewed, config, dialect);
      opened = true;
      return model;
    } finally {
      if (!opened) {
        checkpoint.close();
      }
    }
  }

  @Override
  public void close() {
    checkpoint.close();
  }
}
