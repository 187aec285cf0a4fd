package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.container.gguf.GgufCheckpoint;
import io.metalmarlin.formats.model.gguf.GgufFamily.Trait;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.ValueLayout;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `rope_theta` and `rope_scaling` from GGUF keys.
///
/// The factors of Llama 3 stand in a tensor, `rope_freqs.weight`, and not in keys: they are
/// recognised by computing them anew. Others are LongRoPE's, the same ones for any length.
record RopeKeys(GgufCheckpoint file, KeyReader keys, GgufFamily family) {
  private static final int[] LLAMA3_CONTEXTS = {
    8192, 4096, 2048, 1024, 512, 256, 128, 64, 32, 16384, 32768, 65536, 131072
  };

  void putInto(ObjectNode out) {
    double theta = keys.real("rope.freq_base").orElse(10000.0);
    out.put(family.rotary().theta(), theta);
    TensorInfo factors = file.tensors().get(RopeFactors.ALWAYS);
    String type = keys.text("rope.scaling.type").orElse("none");
    double factor = keys.real("rope.scaling.factor").orElse(1.0);
    if (factors != null) {
      float[] always = values(factors);
      if (!llama3(out.putObject("rope_scaling"), always, theta)) {
        longRope(out, always, always, 1);
      }
      return;
    }
    TensorInfo longer = file.tensors().get(RopeFactors.LONG);
    TensorInfo shorter = file.tensors().get(RopeFactors.SHORT);
    if (longer != null && shorter != null) {
      double attention = keys.real("rope.scaling.attn_factor").orElse(1.0);
      longRope(out, values(shorter), values(longer), attention);
      return;
    }
    switch (type) {
      case "none" -> {
        if (family.is(Trait.BLEND_BETWEEN_PAIRS)) {
          // Silence means YaRN there.
          out.putObject("rope_scaling").put("rope_type", "default");
        } else {
          out.putNull("rope_scaling");
        }
      }
      case "linear" -> {
        ObjectNode scaling = out.putObject("rope_scaling");
        scaling.put("rope_type", "linear");
        scaling.put("factor", factor);
      }
      case "yarn" -> yarn(out.putObject("rope_scaling"), factor);
      default -> throw keys.unsupported("rope scaling \"" + type + "\" is not translated");
    }
  }

  private void yarn(ObjectNode scaling, double factor) {
    scaling.put("rope_type", "yarn");
    if (family.is(Trait.BLEND_BETWEEN_PAIRS)) {
      scaling.put("truncate", false);
    }
    scaling.put("factor", factor);
    keys.whole("rope.scaling.original_context_length")
        .ifPresent(n -> scaling.put("original_max_position_embeddings", n));
    keys.real("rope.scaling.yarn_ext_factor")
        .ifPresent(n -> scaling.put("extrapolation_factor", n));
    keys.real("rope.scaling.yarn_attn_factor").ifPresent(n -> scaling.put("attention_factor", n));
    keys.real("rope.scaling.yarn_beta_fast").ifPresent(n -> scaling.put("beta_fast", n));
    keys.real("rope.scaling.yarn_beta_slow").ifPresent(n -> scaling.put("beta_slow", n));
    // The converter writes a tenth of DeepSeek's mscale_all_dim, and mscale is the same there.
    keys.real("rope.scaling.yarn_log_multiplier")
        .ifPresent(n -> {
          double mscale = Double.parseDouble(Float.toString((float) (n * 10)));
          scaling.put("mscale", mscale);
          scaling.put("mscale_all_dim", mscale);
        });
  }

  private float[] values(TensorInfo stored) {
    if (stored.dtype() != DType.F32 || stored.shape().size() != 1) {
      throw keys.malformed(stored.name() + " is " + stored.dtype() + " " + stored.shape());
    }
    return file.bytes(stored.name()).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }

  /// Any factors; those of a short context where they hold for all.
  private void longRope(ObjectNode out, float[] shorter, float[] longer, double attention) {
    ObjectNode scaling = out.putObject("rope_scaling");
    scaling.put("rope_type", "longrope");
    list(scaling.putArray("short_factor"), shorter);
    list(scaling.putArray("long_factor"), longer);
    scaling.put("attention_factor", attention);
    int original =
        keys.whole("rope.scaling.original_context_length")
            .orElseGet(() -> keys.require("context_length"));
    scaling.put("original_max_position_embeddings", original);
    out.put("original_max_position_embeddings", original);
  }

  private void list(ArrayNode to, float[] values) {
    for (float v : values) {
      if (!(v > 0) || Float.isInfinite(v)) {
        throw keys.malformed("a factor of the rotary embedding is " + v);
      }
      to.add(Double.parseDouble(Float.toString(v)));
    }
  }

  /// Whether the factors are those of Llama 3 with the usual parameters, which are put down then.
  private static boolean llama3(ObjectNode scaling, float[] factors, double theta) {
    double most = 1;
    for (float f : factors) {
      most = Math.max(most, f);
    }
    for (int context : LLAMA3_CONTEXTS) {
      Llama3Rope rope = new Llama3Rope(theta, most, 1, 4, context);
      if (rope.gives(factors)) {
        scaling.put("rope_type", "llama3");
        scaling.put("factor", most);
        scaling.put("low_freq_factor", 1.0);
        scaling.put("high_freq_factor", 4.0);
        scaling.put("original_max_position_embeddings", context);
        return true;
      }
    }
    return false;
  }
}
