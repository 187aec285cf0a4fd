package io.metalmarlin.formats.model;

import java.util.regex.Pattern;

/// The modules whose dense matrices Hugging Face checkpoints store `[in, out]`, where names and
/// shapes alone do not tell: GPT-2's Conv1D. Packed ones have their outputs for rows as everywhere.
public final class TransposedModules {
  private static final Pattern GPT2 =
      Pattern.compile(
          "(transformer\\.)?h\\.\\d+\\.(attn\\.c_attn|attn\\.c_proj|mlp\\.c_fc|mlp\\.c_proj)");

  private TransposedModules() {}

  /// Whether a module is one of those.
  public static boolean contains(ModelConfig config, String module) {
    return config.text("model_type").filter("gpt2"::equals).isPresent()
        && GPT2.matcher(module).matches();
  }
}
