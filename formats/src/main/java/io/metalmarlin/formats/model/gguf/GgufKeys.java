package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.gguf.GgufMetadata;
import io.metalmarlin.formats.container.gguf.GgufValue;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.gguf.GgufFamily.Rotary;
import io.metalmarlin.formats.model.gguf.GgufFamily.Trait;
import java.util.LinkedHashMap;

/// The `general.*` and `{arch}.*` keys of a Hugging Face configuration, in the order of llama.cpp's
/// converter. What llama.cpp has built in differently is refused by name: the file would run, and
/// run wrongly.
public final class GgufKeys {
  private static final int QUANTIZATION_VERSION = 2;

  private final ModelConfig config;
  private final GgufFamily family;
  private final LinkedHashMap<String, GgufValue> out = new LinkedHashMap<>();

  private GgufKeys(ModelConfig config) {
    this.family = GgufFamilies.of(config);
    this.config = family.common(config);
  }

  /// The keys without tokenizer.
  ///
  /// @param name of the model, for people
  /// @param fileType `general.file_type`, ggml's number for the type of most matrices
  /// @throws MarlinException `UNSUPPORTED_MODEL` for a family without translation, `TARGET_CANNOT`
  ///   for a property that the format or llama.cpp cannot express, `CONFIG_MALFORMED`
  public static GgufMetadata of(ModelConfig config, String name, int fileType) {
    GgufKeys keys = new GgufKeys(config);
    keys.write(name, fileType);
    return new GgufMetadata(config.file().toString(), keys.out);
  }

  private void write(String name, int fileType) {
    out.put(GgufFamily.KEY, GgufValue.of(family.architecture()));
    out.put("general.type", GgufValue.of("model"));
    out.put("general.name", GgufValue.of(name));
    int hidden = config.requireInt("hidden_size");
    int heads = config.requireInt("num_attention_heads");
    whole("block_count", config.requireInt("num_hidden_layers"));
    whole("context_length", config.requireInt("max_position_embeddings"));
    whole("embedding_length", hidden);
    whole("feed_forward_length", config.requireInt("intermediate_size"));
    whole("vocab_size", config.requireInt("vocab_size"));
    whole("attention.head_count", heads);
    boolean latent = family.is(Trait.LATENT);
    whole(
        "attention.head_count_kv",
        latent ? 1 : config.integer("num_key_value_heads").orElse(heads));
    Rotary rotary = family.rotary();
    if (rotary.any()) {
      new RopeWriter(config, family, this).write();
    }
    real(
        family.epsilon().gguf(),
        config.number(family.epsilon().key()).orElse(family.epsilon().otherwise()));
    if (!latent) {
      int width = headDim(family, config);
      whole("attention.key_length", width);
      whole("attention.value_length", width);
      if (rotary.any()) {
        whole("rope.dimension_count", (long) (width * rotary.share(config)));
      }
    }
    family.keys().forEach(k -> k.write(config, this));
    out.put("general.file_type", GgufValue.uint32(fileType));
    out.put("general.quantization_version", GgufValue.uint32(QUANTIZATION_VERSION));
  }

  /// The width of a head.
  static int headDim(GgufFamily family, ModelConfig config) {
    int own = config.requireInt("hidden_size") / config.requireInt("num_attention_heads");
    return family.is(Trait.NO_HEAD_DIM) ? own : config.integer("head_dim").orElse(own);
  }

  void whole(String key, long value) {
    out.put(family.architecture() + "." + key, GgufValue.uint32(value));
  }

  void real(String key, double value) {
    out.put(family.architecture() + "." + key, GgufValue.of((float) value));
  }

  void put(String key, GgufValue value) {
    out.put(family.architecture() + "." + key, value);
  }

  MarlinException cannot(String what) {
    return new MarlinException(
        ErrorCode.TARGET_CANNOT,
        config.file().toString(),
        "GGUF files of the architecture " + family.architecture() + " cannot say " + what,
        "Write another format; this one would run, and run wrongly.");
  }
}
