package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.runtime.model.Architecture;
import java.util.List;
import java.util.stream.Collectors;

/// The architectures this build knows.
public final class Architectures {
  public static final List<Architecture> ALL = List.of(new Llama(), new Qwen3());

  private Architectures() {}

  /// The architecture of a configuration's `model_type`.
  ///
  /// @throws MarlinException `UNSUPPORTED_MODEL` naming the known ones, `CONFIG_MALFORMED` when the
  ///   key is missing
  public static Architecture of(ModelConfig config) {
    String type = config.modelType();
    for (Architecture a : ALL) {
      if (a.modelType().equals(type)) {
        return a;
      }
    }
    throw new MarlinException(
        ErrorCode.UNSUPPORTED_MODEL,
        config.file().toString(),
        "model_type \"" + type + "\" is not supported",
        "Supported: "
            + ALL.stream().map(Architecture::modelType).collect(Collectors.joining(", "))
            + ". Use a checkpoint of one of these families.");
  }
}
