package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.gguf.GgufMetadata;
import io.metalmarlin.formats.model.ModelConfig;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The families that are translated between GGUF and Hugging Face.
public final class GgufFamilies {
  public static final List<GgufFamily> ALL =
      Stream.of(DenseFamilies.ALL, NormFamilies.ALL, EarlyFamilies.ALL, MixtureFamilies.ALL)
          .flatMap(List::stream)
          .toList();

  private GgufFamilies() {}

  /// The family of an opened file.
  ///
  /// @throws MarlinException `UNSUPPORTED_MODEL` for another architecture, `CONFIG_MALFORMED` when
  ///   the file names none
  public static GgufFamily of(GgufMetadata metadata) {
    String name =
        metadata
            .text(GgufFamily.KEY)
            .orElseThrow(() ->
                new MarlinException(
                    ErrorCode.CONFIG_MALFORMED,
                    metadata.where(),
                    "metadata key \"" + GgufFamily.KEY + "\" is missing",
                    "Use a GGUF file of a language model."));
    // Mixtral is a llama with experts.
    boolean experts = metadata.whole(name + ".expert_count").orElse(0) > 0;
    if (experts && name.equals(DenseFamilies.LLAMA.architecture())) {
      return MixtureFamilies.MIXTRAL;
    }
    return find(
        f -> f.architecture().equals(name), metadata.where(), GgufFamily.KEY + " \"" + name + "\"");
  }

  /// The family in which a Hugging Face model is written.
  ///
  /// @throws MarlinException `UNSUPPORTED_MODEL`
  public static GgufFamily of(ModelConfig config) {
    String type = config.modelType();
    return find(
        f -> f.modelTypes().contains(type),
        config.file().toString(),
        "model_type \"" + type + "\"");
  }

  private static GgufFamily find(Predicate<GgufFamily> wanted, String where, String what) {
    return ALL.stream()
        .filter(wanted)
        .findFirst()
        .orElseThrow(() ->
            new MarlinException(
                ErrorCode.UNSUPPORTED_MODEL,
                where,
                what + " has no translation between GGUF and Hugging Face",
                "Translated are "
                    + ALL.stream()
                        .map(GgufFamily::architecture)
                        .distinct()
                        .collect(Collectors.joining(", "))
                    + "."));
  }
}
