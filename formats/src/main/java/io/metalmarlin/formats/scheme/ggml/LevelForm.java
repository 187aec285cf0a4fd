package io.metalmarlin.formats.scheme.ggml;

/// A block type whose weights stand alone: a code names one of a few levels.
public non-sealed interface LevelForm extends BlockForm {
  /// Levels by code, rising; whole numbers from -128 to 127.
  float[] levels();
}
