package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.runtime.model.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import tools.jackson.databind.JsonNode;

/// Which positions each layer's attention sees, as configurations say it: `layer_types`, or a
/// family's rule beside `sliding_window`.
final class LayerSpans {
  private LayerSpans() {}

  /// `sliding_window` in every layer where it is given (Mistral).
  static List<Span> everywhere(ModelConfig config, int layers) {
    OptionalInt window = config.integer("sliding_window");
    String type = window.isPresent() ? "sliding_attention" : "full_attention";
    if (types(config, layers).stream().flatMap(List::stream).anyMatch(t -> !t.equals(type))) {
      throw ConfigChecks.unsupported(
          config,
          "layer_types other than "
              + type
              + " everywhere, which sliding_window says (some programs read the one, some the"
              + " other)");
    }
    return of(config, layers, layer -> true);
  }

  /// Qwen: where `use_sliding_window` is set, in the layers from `max_window_layers` on.
  static List<Span> qwen(ModelConfig config, int layers) {
    boolean used = config.flag("use_sliding_window", false);
    int first = config.integer("max_window_layers").orElse(28);
    return of(config, layers, layer -> used && layer >= first);
  }

  /// `layer_types` where it is given, else a window in the layers of the rule.
  static List<Span> of(ModelConfig config, int layers, IntPredicate windowed) {
    Optional<List<String>> types = types(config, layers);
    OptionalInt window = config.integer("sliding_window");
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      String type =
          types.isPresent()
              ? types.get().get(i)
              : windowed.test(i) && window.isPresent() ? "sliding_attention" : "full_attention";
      spans.add(
          switch (type) {
            case "full_attention" -> Span.FULL;
            case "sliding_attention" -> Span.window(config.requireInt("sliding_window"));
            case "chunked_attention" -> Span.chunk(config.requireInt("attention_chunk_size"));
            default ->
                throw ConfigChecks.unsupported(
                    config,
                    "layer_types["
                        + i
                        + "] = \""
                        + type
                        + "\" (full_attention, sliding_attention and chunked_attention are)");
          });
    }
    return spans;
  }

  /// The `layer_types` of a configuration, one for each layer.
  static Optional<List<String>> types(ModelConfig config, int layers) {
    Optional<JsonNode> given = config.list("layer_types");
    if (given.isEmpty()) {
      return Optional.empty();
    }
    JsonNode types = given.get();
    List<String> list = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      if (!types.get(i).isString()) {
        throw ConfigChecks.malformed(
            config, "layer_types[" + i + "] should be a string, it is " + types.get(i));
      }
      list.add(types.get(i).stringValue());
    }
    if (list.size() != layers) {
      throw ConfigChecks.malformed(
          config, "layer_types has " + list.size() + " entries, num_hidden_layers is " + layers);
    }
    return Optional.of(list);
  }
}
