package io.metalmarlin.tests.support;

import java.util.stream.Stream;

/// 2:4 sparse weights as `docs/formats/sparse24.md` reads.
public final class NaiveSparse24 {
  /// Kept columns of the patterns 0 to 5.
  private static final int[][] KEPT = {{0, 1}, {0, 2}, {1, 2}, {0, 3}, {1, 3}, {2, 3}};

  private NaiveSparse24() {}

  /// The fp32 weight `[rows][cols]` of a module: NVFP4 where it has a tensor scale, INT4 with BF16
  /// scales where not.
  public static float[][] weight(RawCheckpoint checkpoint, String module) {
    var tensors = checkpoint.tensors();
    byte[] codes = tensors.get(module + ".weight_kept").data();
    var scales = tensors.get(module + ".weight_scale");
    boolean nvfp4 = tensors.containsKey(module + ".weight_global_scale");
    float divisor = nvfp4 ? tensors.get(module + ".weight_global_scale").floats()[0] : 1;
    int[][] patterns = patterns(checkpoint, module);
    int quads = patterns[0].length;
    int groups = Math.toIntExact(scales.shape().get(1));
    float[] integerScales = nvfp4 ? new float[0] : scales.floats();
    float[][] w = new float[patterns.length][4 * quads];
    for (int r = 0; r < w.length; r++) {
      for (int k = 0; k < 2 * quads; k++) {
        int at = r * groups + k * groups / (2 * quads);
        int both = codes[(r * 2 * quads + k) / 2];
        int nibble = (k % 2 == 0 ? both : both >> 4) & 15;
        float value =
            nvfp4
                ? NaiveNvfp4.e2m1(nibble) * (NaiveNvfp4.e4m3(scales.data()[at] & 0xff) / divisor)
                : (nibble - 8) * integerScales[at];
        w[r][k / 2 * 4 + KEPT[patterns[r][k / 2]][k % 2]] = value;
      }
    }
    return w;
  }

  /// The pattern indices `[rows][cols / 4]` of a module.
  public static int[][] patterns(RawCheckpoint checkpoint, String module) {
    var tensors = checkpoint.tensors();
    byte[] bits = tensors.get(module + ".weight_pattern").data();
    var shape = tensors.get(module + ".weight_kept").shape();
    int stride = Math.toIntExact(tensors.get(module + ".weight_pattern").shape().get(1));
    int[][] all = new int[Math.toIntExact(shape.get(0))][Math.toIntExact(shape.get(1))];
    for (int r = 0; r < all.length; r++) {
      for (int bit = 0; bit < 3 * all[r].length; bit++) {
        int set = bits[r * stride + bit / 8] >> bit % 8 & 1;
        all[r][bit / 3] |= set << bit % 3;
      }
    }
    return all;
  }

  /// Whether a pattern keeps a column of its four.
  public static boolean keeps(int pattern, int column) {
    return KEPT[pattern][0] == column || KEPT[pattern][1] == column;
  }

  /// Bytes of all planes of a module.
  public static long bytes(RawCheckpoint checkpoint, String module) {
    return Stream.of("_kept", "_pattern", "_scale", "_global_scale")
        .map(plane -> checkpoint.tensors().get(module + ".weight" + plane))
        .mapToLong(t -> t == null ? 0 : t.data().length)
        .sum();
  }
}
