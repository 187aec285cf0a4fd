package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.regex.Pattern;

/// What a module is, judged by its name alone: conversion knows no architectures.
final class ModuleKinds {
  private static final Pattern EMBEDDING =
      Pattern.compile("(^|.*\\.)(embed_tokens|word_embeddings|embed_in|wte|wpe|tok_embeddings)$");
  private static final Pattern IN_LAYER =
      Pattern.compile("(.*\\.)?(layers|h|blocks|layer)\\.\\d+\\..*");
  private static final Pattern NO_LINEAR =
      Pattern.compile(
          ".*(norm|\\.gate(\\.[a-z]+)?|router(\\.[a-z]+)?|_gate|conv1d|in_proj_ba?|in_proj_a"
              + "|embed[a-z_]*|rotary_emb)$");
  private static final Pattern FUSED = Pattern.compile("^(.*\\.)(q|k|v|gate|up)_proj$");
  private static final Pattern FUSED_EXPERT = Pattern.compile("^(.*\\.)(w1|w3)$");

  private ModuleKinds() {}

  /// Whether rows of the matrix are looked up, not multiplied.
  static boolean embedding(String stem) {
    return EMBEDDING.matcher(stem).matches();
  }

  /// Whether a dense tensor is the matrix of a linear that a quantizer would pack: in a layer, no
  /// router, no norm, no decay of linear attention.
  static boolean packable(TensorInfo t) {
    return linear(t)
        && IN_LAYER.matcher(t.name()).matches()
        && !NO_LINEAR.matcher(stem(t.name())).matches();
  }

  /// Whether a dense tensor is the matrix of some linear.
  static boolean linear(TensorInfo t) {
    return t.name().endsWith(".weight")
        && t.shape().size() == 2
        && DenseValues.floats(t.dtype())
        && !embedding(stem(t.name()));
  }

  /// The module a tensor belongs to.
  static String stem(String tensor) {
    return tensor.substring(0, Math.max(0, tensor.lastIndexOf('.')));
  }

  /// The set of modules that a runtime joins into one with this one: q, k and v; gate and up.
  static String fuseGroup(String stem) {
    var named = FUSED.matcher(stem);
    if (named.matches()) {
      return named.group(1) + ("qkv".contains(named.group(2)) ? "qkv" : "gate_up");
    }
    var expert = FUSED_EXPERT.matcher(stem);
    return expert.matches() ? expert.group(1) + "w13" : stem;
  }
}
