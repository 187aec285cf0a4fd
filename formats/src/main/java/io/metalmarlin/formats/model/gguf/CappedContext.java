package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.model.ModelConfig;

/// A sliding window that llama.cpp does not run: the file promises no longer context than the
/// window, within which all positions are seen.
record CappedContext(String key) implements FamilyKey {
  @Override
  public void write(ModelConfig config, GgufKeys keys) {
    int context = config.requireInt("max_position_embeddings");
    if (config.integer(key).orElse(context) < context) {
      keys.whole("context_length", config.requireInt(key));
    }
  }

  @Override
  public void read(Reading from) {
    // The file knows of no window.
  }
}
