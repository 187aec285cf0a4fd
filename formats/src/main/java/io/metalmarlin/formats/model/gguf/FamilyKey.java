package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.container.gguf.GgufCheckpoint;
import io.metalmarlin.formats.container.gguf.GgufValue;
import io.metalmarlin.formats.model.ModelConfig;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A property of a family that a configuration says in one way and a file in another: a key, a
/// tensor that is there or not, a thing that llama.cpp has built in.
interface FamilyKey {
  /// @throws io.metalmarlin.formats.MarlinException `TARGET_CANNOT` for what the file cannot say
  void write(ModelConfig config, GgufKeys keys);

  /// Puts it into the configuration that is being made.
  void read(Reading from);

  /// A file that is read into a configuration.
  record Reading(GgufCheckpoint file, KeyReader keys, ObjectNode out) {
    boolean has(String tensor) {
      return file.tensors().containsKey(tensor);
    }
  }

  /// A positive whole number that must be there.
  record Required(String gguf, String key) implements FamilyKey {
    @Override
    public void write(ModelConfig config, GgufKeys keys) {
      keys.whole(gguf, config.requireInt(key));
    }

    @Override
    public void read(Reading from) {
      from.out().put(key, from.keys().require(gguf));
    }
  }

  /// A whole number.
  ///
  /// @param otherwise what a configuration, and a file, without it means
  record Whole(String gguf, String key, int otherwise) implements FamilyKey {
    @Override
    public void write(ModelConfig config, GgufKeys keys) {
      keys.whole(gguf, config.integer(key).orElse(otherwise));
    }

    @Override
    public void read(Reading from) {
      from.out().put(key, from.keys().whole(gguf).orElse(otherwise));
    }
  }

  /// A number.
  ///
  /// @param otherwise what a configuration without it means
  record Real(String gguf, String key, double otherwise) implements FamilyKey {
    @Override
    public void write(ModelConfig config, GgufKeys keys) {
      if (config.root().has(key) && config.root().get(key).isNull()) {
        throw keys.cannot(key + " null");
      }
      keys.real(gguf, config.number(key).orElse(otherwise));
    }

    @Override
    public void read(Reading from) {
      from.out().put(key, from.keys().real(gguf).orElse(otherwise));
    }
  }

  /// True or false.
  ///
  /// @param otherwise what a configuration, and a file, without it means
  record Flag(String gguf, String key, boolean otherwise) implements FamilyKey {
    @Override
    public void write(ModelConfig config, GgufKeys keys) {
      keys.put(gguf, GgufValue.of(config.flag(key, otherwise)));
    }

    @Override
    public void read(Reading from) {
      from.out().put(key, from.keys().flag(gguf).orElse(otherwise));
    }
  }

  /// What a file says by having a tensor.
  record Present(String key, String tensor) implements FamilyKey {
    @Override
    public void write(ModelConfig config, GgufKeys keys) {
      // The tensor says it.
    }

    @Override
    public void read(Reading from) {
      from.out().put(key, from.has(tensor));
    }
  }

  /// What llama.cpp has built in.
  ///
  /// @param accepted values of the configuration that mean it; the first is written into one
  /// @param otherwise what a configuration without the key means
  record Built(String key, List<JsonNode> accepted, JsonNode otherwise) implements FamilyKey {
    @Override
    public void write(ModelConfig config, GgufKeys keys) {
      JsonNode value = config.root().hasNonNull(key) ? config.root().get(key) : otherwise;
      if (accepted.stream().noneMatch(a -> same(a, value))) {
        throw keys.cannot(key + " " + value + " (llama.cpp has " + accepted.getFirst() + ")");
      }
    }

    private static boolean same(JsonNode a, JsonNode b) {
      return a.isNumber() && b.isNumber() ? a.doubleValue() == b.doubleValue() : a.equals(b);
    }

    @Override
    public void read(Reading from) {
      from.out().set(key, accepted.getFirst());
    }
  }

  /// What a configuration can say and a file cannot.
  record Refused(Predicate<ModelConfig> said, String what) implements FamilyKey {
    @Override
    public void write(ModelConfig config, GgufKeys keys) {
      if (said.test(config)) {
        throw keys.cannot(what);
      }
    }

    @Override
    public void read(Reading from) {
      // No file says it.
    }
  }

  /// An activation that llama.cpp has built in.
  ///
  /// @param otherwise what a configuration without the key means
  static FamilyKey activation(String key, String otherwise, String... accepted) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    List<JsonNode> all = Arrays.stream(accepted).<JsonNode>map(json::stringNode).toList();
    return new Built(key, all, json.stringNode(otherwise));
  }

  /// llama.cpp demands a head of its own.
  FamilyKey OWN_HEAD = built("tie_word_embeddings", false, false);

  /// llama.cpp has no biases in attention.
  FamilyKey NO_ATTENTION_BIAS = built("attention_bias", false, false);

  /// Windows that the configuration may switch on are off.
  FamilyKey WINDOWS_UNUSED = built("use_sliding_window", false, false);

  /// llama.cpp takes heads to share the hidden width.
  FamilyKey SHARED_WIDTH =
      new Refused(
          config ->
              config.integer("head_dim").isPresent()
                  && config.requireInt("head_dim") * config.requireInt("num_attention_heads")
                      != config.requireInt("hidden_size"),
          "head_dim other than hidden_size / num_attention_heads");

  /// llama.cpp has no windows in any layer.
  FamilyKey NO_WINDOWS =
      new Refused(
          config ->
              config.list("layer_types").stream()
                  .flatMap(l -> l.values().stream())
                  .anyMatch(t -> t.asString("").equals("sliding_attention")),
          "sliding windows");

  /// SiLU, everywhere.
  static FamilyKey silu() {
    return activation("hidden_act", "silu", "silu");
  }

  /// A flag that llama.cpp has built in.
  static FamilyKey built(String key, boolean value, boolean otherwise) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    return new Built(key, List.of(json.booleanNode(value)), json.booleanNode(otherwise));
  }
}
