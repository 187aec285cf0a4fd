package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.gguf.GgufMetadata;
import io.metalmarlin.formats.model.ModelConfig;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// The values of `general.architecture` that are translated, with what Hugging Face calls them.
public enum GgufFamily {
  LLAMA("llama", List.of("llama", "mistral"), "LlamaForCausalLM"),
  QWEN2("qwen2", List.of("qwen2"), "Qwen2ForCausalLM"),
  QWEN3("qwen3", List.of("qwen3"), "Qwen3ForCausalLM"),
  QWEN3MOE("qwen3moe", List.of("qwen3_moe"), "Qwen3MoeForCausalLM"),
  GEMMA3("gemma3", List.of("gemma3_text"), "Gemma3ForCausalLM"),
  DEEPSEEK2("deepseek2", List.of("deepseek_v3", "deepseek_v2"), "DeepseekV3ForCausalLM");

  static final String KEY = "general.architecture";

  private final String architecture;
  private final List<String> modelTypes;
  private final String className;

  GgufFamily(String architecture, List<String> modelTypes, String className) {
    this.architecture = architecture;
    this.modelTypes = modelTypes;
    this.className = className;
  }

  /// The value of `general.architecture`, which is also the prefix of the family's keys.
  public String architecture() {
    return architecture;
  }

  /// The `model_type` that a translated configuration gets, except DeepSeek V2.
  String modelType() {
    return modelTypes.getFirst();
  }

  /// The class that `architectures` names, except DeepSeek V2.
  String className() {
    return className;
  }

  /// Whether the converter reorders the rows of queries and keys, so that the rotary embedding
  /// turns neighbours instead of halves.
  boolean permutesHeads() {
    return this == LLAMA;
  }

  /// Whether norms are stored plus one.
  boolean normsPlusOne() {
    return this == GEMMA3;
  }

  /// The family of an opened file.
  ///
  /// @throws MarlinException `UNSUPPORTED_MODEL` for another architecture, `CONFIG_MALFORMED` when
  ///   the file names none
  public static GgufFamily of(GgufMetadata metadata) {
    String name =
        metadata
            .text(KEY)
            .orElseThrow(() ->
                new MarlinException(
                    ErrorCode.CONFIG_MALFORMED,
                    metadata.where(),
                    "metadata key \"" + KEY + "\" is missing",
                    "Use a GGUF file of a language model."));
    return Arrays.stream(values())
        .filter(f -> f.architecture.equals(name))
        .findFirst()
        .orElseThrow(() -> unsupported(metadata.where(), KEY + " \"" + name + "\""));
  }

  /// The family in which a Hugging Face model is written.
  ///
  /// @throws MarlinException `UNSUPPORTED_MODEL`
  public static GgufFamily of(ModelConfig config) {
    String type = config.modelType();
    return Arrays.stream(values())
        .filter(f -> f.modelTypes.contains(type))
        .findFirst()
        .orElseThrow(() -> unsupported(config.file().toString(), "model_type \"" + type + "\""));
  }

  private static MarlinException unsupported(String where, String what) {
    return new MarlinException(
        ErrorCode.UNSUPPORTED_MODEL,
        where,
        what + " has no translation between GGUF and Hugging Face",
        "Translated are "
            + Arrays.stream(values()).map(f -> f.architecture).collect(Collectors.joining(", "))
            + ".");
  }
}
