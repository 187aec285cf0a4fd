package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.container.gguf.Fault;
import io.metalmarlin.formats.container.gguf.Gguf;
import io.metalmarlin.formats.container.gguf.GgufCheckpoint;
import io.metalmarlin.formats.container.gguf.GgufException;
import io.metalmarlin.formats.container.gguf.GgufMetadata;
import io.metalmarlin.formats.model.ModelConfig;
import java.nio.file.Path;

/// An opened GGUF model in Hugging Face terms.
///
/// @param view its tensors; closing it closes the model
/// @param config its configuration; its file is the (first) GGUF file
/// @param metadata everything the file says, the tokenizer included
public record GgufModel(GgufView view, ModelConfig config, GgufMetadata metadata)
    implements AutoCloseable {
  /// Opens a GGUF file, any part of a split one, or a folder with one model.
  ///
  /// @throws GgufException for a file that lies or has no data
  /// @throws io.metalmarlin.formats.MarlinException `UNSUPPORTED_MODEL` for an architecture without
  ///   translation, `CONFIG_MALFORMED`, `TENSOR_MISMATCH`, `REFUSED_FORMAT`
  public static GgufModel open(Path path) {
    GgufCheckpoint file = Gguf.INSTANCE.open(path);
    boolean opened = false;
    try {
      if (!file.hasData()) {
        throw new GgufException(
            Fault.NO_DATA, file.files().getFirst(), null, 0, "tensors", "their descriptions only");
      }
      GgufModel model =
          new GgufModel(new GgufView(file), GgufConfig.of(file), file.typedMetadata());
      opened = true;
      return model;
    } finally {
      if (!opened) {
        file.close();
      }
    }
  }

  @Override
  public void close() {
    view.close();
  }
}
