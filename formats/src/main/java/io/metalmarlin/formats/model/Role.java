package io.metalmarlin.formats.model;

/// What a weight does in a decoder, whatever its family calls it.
public enum Role {
  EMBEDDING,
  EMBEDDING_PROJECTION,
  POSITIONS,
  EMBEDDING_NORM,
  ATTENTION_NORM,
  QKV,
  Q,
  K,
  V,
  O,
  Q_NORM,
  K_NORM,
  SINKS,
  /// Latent attention: down to the latent vector, its norm, up from it.
  Q_DOWN,
  Q_LATENT_NORM,
  Q_UP,
  KV_DOWN,
  KV_LATENT_NORM,
  KV_UP,
  /// Differential attention: the four vectors behind its weight.
  LAMBDA_Q1,
  LAMBDA_K1,
  LAMBDA_Q2,
  LAMBDA_K2,
  /// Linear attention and the gated delta rule.
  MIXED,
  MIXED_RATES,
  CONVOLUTION,
  DECAY,
  STEP_BIAS,
  STATE_NORM,
  OUTPUT_GATE,
  POST_ATTENTION_NORM,
  MLP_NORM,
  GATE_UP,
  GATE,
  UP,
  DOWN,
  /// A mixture of experts; the experts' own matrices are GATE, UP, GATE_UP and DOWN with a number.
  ROUTER,
  ROUTER_CORRECTION,
  SHARED_GATE,
  SHARED_UP,
  SHARED_DOWN,
  SHARED_WEIGHT,
  POST_MLP_NORM,
  FINAL_NORM,
  HEAD_PROJECTION,
  HEAD,
  /// A matrix of a family that is not known: only its name is.
  UNKNOWN
}
