package io.metalmarlin.formats.scheme.ggml;

/// What a fit found for each group: the numbers that are stored, and those that give its codes.
///
/// @param scale factor of the codes
/// @param min what is taken from every value, at least 0; unused by fits through zero
/// @param step steps per unit with which the codes were taken, 0 for a group with nothing to fit
/// @param origin the value whose code is 0; unused by fits through zero
record Lines(float[] scale, float[] min, float[] step, float[] origin) {
  Lines(int groups) {
    this(new float[groups], new float[groups], new float[groups], new float[groups]);
  }
}
