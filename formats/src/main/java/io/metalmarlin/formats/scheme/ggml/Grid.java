package io.metalmarlin.formats.scheme.ggml;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/// A codebook of the IQ types: points of 4 or 8 small integers, kept as data files because no rule
/// generates them (see `ggml-grids/README.md` among the resources).
final class Grid {
  static final Grid IQ1_S = new Grid("IQ1_S", 2048, 8);
  static final Grid IQ2_XXS = new Grid("IQ2_XXS", 256, 8);
  static final Grid IQ2_XS = new Grid("IQ2_XS", 512, 8);
  static final Grid IQ2_S = new Grid("IQ2_S", 1024, 8);
  static final Grid IQ3_XXS = new Grid("IQ3_XXS", 256, 4);
  static final Grid IQ3_S = new Grid("IQ3_S", 512, 4);

  /// What IQ1_S and IQ1_M add to or take from every value of a point.
  static final float SHIFT = 0.125f;

  private final byte[] values;
  private final int width;

  private Grid(String name, int points, int width) {
    this.values = load("ggml-grids/" + name + ".i8", points * width);
    this.width = width;
  }

  /// The signs a 7-bit pattern stands for, as a byte with one bit per value: an eighth sign makes
  /// the number of negative ones even. Higher bits of `pattern` are ignored.
  static int signs(int pattern) {
    int seven = pattern & 127;
    return seven | (Integer.bitCount(seven) & 1) << 7;
  }

  /// How many points there are.
  int points() {
    return values.length / width;
  }

  /// Values of a point.
  int width() {
    return width;
  }

  /// One value of a point.
  int value(int point, int index) {
    return values[point * width + index];
  }

  /// Writes `scale` times the values of a point, negative where the bit of `signs` is set.
  void put(int point, int signs, float scale, float[] y, int at) {
    for (int j = 0; j < width; j++) {
      float sign = (signs >> j & 1) == 0 ? 1 : -1;
      y[at + j] = scale * values[point * width + j] * sign;
    }
  }

  /// Writes `scale * (value + shift)` for the values of a point.
  void putShifted(int point, float shift, float scale, float[] y, int at) {
    for (int j = 0; j < width; j++) {
      y[at + j] = scale * (values[point * width + j] + shift);
    }
  }

  private static byte[] load(String name, int length) {
    try (InputStream in = Grid.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing from the program");
      }
      byte[] values = in.readAllBytes();
      if (values.length != length) {
        throw new IllegalStateException(name + " has " + values.length + " bytes, not " + length);
      }
      return values;
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }
}
