package io.metalmarlin.formats.model;

/// What a weight does in a decoder, whatever its family calls it.
public enum Role {
  EMBEDDING,
  ATTENTION_NORM,
  Q,
  K,
  V,
  O,
  Q_NORM,
  K_NORM,
  MLP_NORM,
  GATE,
  UP,
  DOWN,
  FINAL_NORM,
  HEAD
}
