package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.container.gguf.GgufCheckpoint;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.gguf.FamilyKey.Reading;
import io.metalmarlin.formats.model.gguf.GgufFamily.Trait;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A `config.json` made of GGUF metadata, in the spelling of transformers 4, which every loader
/// reads. What GGUF does not say is what llama.cpp has built in for the architecture.
public final class GgufConfig {
  private final GgufCheckpoint file;
  private final GgufFamily family;
  private final KeyReader keys;
  private final ObjectNode out = JsonMapper.shared().createObjectNode();

  private GgufConfig(GgufCheckpoint file) {
    this.file = file;
    this.family = GgufFamilies.of(file.typedMetadata());
    this.keys = new KeyReader(file.typedMetadata(), family.architecture());
  }

  /// The configuration of an opened model; reads a tensor's data only for `rope_freqs.weight`.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `UNSUPPORTED_MODEL`, `CONFIG_MALFORMED`
  public static ModelConfig of(GgufCheckpoint file) {
    return new ModelConfig(file.files().getFirst(), new GgufConfig(file).read());
  }

  private ObjectNode read() {
    out.putArray("architectures").add(family.className());
    out.put("model_type", family.modelType());
    base();
    Reading reading = new Reading(file, keys, out);
    family.keys().forEach(k -> k.read(reading));
    if (family.rotary().any()) {
      new RopeKeys(file, keys, family).putInto(out);
    }
    ids();
    out.put("tie_word_embeddings", !has("output.weight"));
    out.put("torch_dtype", dtype());
    family
        .spelling()
        .forEach((own, llama) -> {
          if (out.has(llama)) {
            out.set(own, out.remove(llama));
          }
        });
    return out;
  }

  private void base() {
    int hidden = keys.require("embedding_length");
    int heads = keys.require("attention.head_count");
    out.put("hidden_size", hidden);
    keys.whole("feed_forward_length").ifPresent(n -> out.put("intermediate_size", n));
    out.put("num_hidden_layers", layers());
    out.put("num_attention_heads", heads);
    if (!family.is(Trait.NO_HEAD_DIM)) {
      out.put("num_key_value_heads", keys.whole("attention.head_count_kv").orElse(heads));
    }
    if (!family.is(Trait.LATENT)) {
      int width = keys.whole("attention.key_length").orElse(hidden / heads);
      int values = keys.whole("attention.value_length").orElse(width);
      if (values != width) {
        throw keys.unsupported("keys have %d elements a head, values %d".formatted(width, values));
      }
      if (!family.is(Trait.NO_HEAD_DIM)) {
        out.put("head_dim", width);
      }
      rotated(width);
    }
    keys.real(family.epsilon().gguf()).ifPresent(e -> out.put(family.epsilon().key(), e));
    keys.whole("context_length").ifPresent(n -> out.put("max_position_embeddings", n));
    out.put("vocab_size", vocabulary());
  }

  /// Blocks have tensors, so a number in a file cannot make more of them than it has.
  private int layers() {
    int layers = keys.require("block_count");
    if (layers > file.tensors().size()) {
      throw keys.malformed(
          "says %d blocks, it has %d tensors".formatted(layers, file.tensors().size()));
    }
    return layers;
  }

  /// The rows of the embedding, which are what a loader asks for.
  private int vocabulary() {
    TensorInfo embedding = file.tensors().get("token_embd.weight");
    if (embedding == null || embedding.shape().size() != 2) {
      return keys.require("vocab_size");
    }
    long rows = embedding.shape().getFirst();
    if (rows != (int) rows) {
      throw keys.malformed("token_embd.weight has " + rows + " rows");
    }
    return (int) rows;
  }

  private void rotated(int width) {
    String key = family.rotary().partial();
    if (!key.isEmpty()) {
      keys.whole("rope.dimension_count").ifPresent(n -> out.put(key, (double) n / width));
    }
  }

  private void ids() {
    KeyReader tokenizer = new KeyReader(file.typedMetadata(), "tokenizer.ggml");
    tokenizer.whole("bos_token_id").ifPresent(id -> out.put("bos_token_id", id));
    tokenizer.whole("eos_token_id").ifPresent(id -> out.put("eos_token_id", id));
    tokenizer.whole("padding_token_id").ifPresent(id -> out.put("pad_token_id", id));
  }

  /// The type of the original model, as far as the file shows it: that of its dense matrices.
  private String dtype() {
    boolean f16 = false;
    for (TensorInfo t : file.tensors().values()) {
      if (t.shape().size() > 1 && t.dtype() == DType.BF16) {
        return "bfloat16";
      }
      f16 |= t.shape().size() > 1 && t.dtype() == DType.F16;
    }
    boolean onlyF32 = file.tensors().values().stream().allMatch(t -> t.dtype() == DType.F32);
    return f16 ? "float16" : onlyF32 ? "float32" : "bfloat16";
  }

  private boolean has(String tensor) {
    return file.tensors().containsKey(tensor);
  }
}
