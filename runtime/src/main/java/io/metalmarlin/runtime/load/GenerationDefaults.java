package io.metalmarlin.runtime.load;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.runtime.model.Model;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// How a model's makers sample from it: `generation_config.json`, with the meaning it has in
/// transformers, where `do_sample` decides whether the rest counts.
///
/// @param temperature 0 unless the model samples
/// @param topK 0 keeps all tokens
/// @param topP 1 keeps all tokens
/// @param repetitionPenalty 1 for none
/// @param leftOut keys that ask for something not supported
/// @param stop tokens at which the text ends ([StopIds])
public record GenerationDefaults(
    double temperature,
    int topK,
    double topP,
    double repetitionPenalty,
    List<String> leftOut,
    Set<Integer> stop) {
  private static final long MAX_BYTES = 1 << 20;
  private static final int TOP_K = 50;

  /// Numbers of which 0 and 1 mean nothing, and lists.
  private static final List<String> LEFT_OUT =
      List.of(
          "min_p",
          "typical_p",
          "epsilon_cutoff",
          "eta_cutoff",
          "no_repeat_ngram_size",
          "penalty_alpha",
          "num_beams",
          "min_length",
          "min_new_tokens",
          "bad_words_ids",
          "suppress_tokens",
          "begin_suppress_tokens",
          "sequence_bias",
          "stop_strings");

  public GenerationDefaults {
    leftOut = List.copyOf(leftOut);
    stop = Set.copyOf(stop);
  }

  /// @throws MarlinException `CONFIG_MALFORMED` for values that mean nothing
  public static GenerationDefaults of(Model model) {
    Path file = model.folder().resolve("generation_config.json");
    JsonNode n =
        Files.exists(file)
            ? JsonFiles.readObject(file, MAX_BYTES)
            : JsonNodeFactory.instance.objectNode();
    boolean samples = n.path("do_sample").asBoolean(false);
    double penalty = number(file, n, "repetition_penalty", 1);
    List<String> leftOut = LEFT_OUT.stream().filter(key -> asks(n.path(key))).toList();
    Set<Integer> stop = StopIds.of(model, file, n);
    if (!samples) {
      return new GenerationDefaults(0, 0, 1, penalty, leftOut, stop);
    }
    return new GenerationDefaults(
        number(file, n, "temperature", 1),
        (int) number(file, n, "top_k", TOP_K),
        number(file, n, "top_p", 1),
        penalty,
        leftOut,
        stop);
  }

  private static boolean asks(JsonNode value) {
    return value.isNumber()
        ? value.doubleValue() != 0 && value.doubleValue() != 1
        : value.isString() || value.isContainer() && !value.isEmpty();
  }

  private static double number(Path file, JsonNode n, String key, double otherwise) {
    JsonNode v = n.path(key);
    if (v.isMissingNode() || v.isNull()) {
      return otherwise;
    }
    double d = v.isNumber() ? v.doubleValue() : Double.NaN;
    boolean sound =
        switch (key) {
          case "top_p" -> d > 0 && d <= 1;
          case "repetition_penalty" -> d > 0 && Double.isFinite(d);
          default -> d >= 0 && d <= Integer.MAX_VALUE;
        };
    if (!sound) {
      throw new MarlinException(
          ErrorCode.CONFIG_MALFORMED,
          file.toString(),
          "key \"" + key + "\" cannot be " + v,
          "Correct it by hand, or download the file again.");
    }
    return d;
  }
}
