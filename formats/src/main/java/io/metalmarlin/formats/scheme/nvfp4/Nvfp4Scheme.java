package io.metalmarlin.formats.scheme.nvfp4;

import io.metalmarlin.formats.number.E2M1;
import io.metalmarlin.formats.number.E4M3;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.ScaleType;

/// The NVFP4 grid: E2M1 codes, 16 columns to an E4M3 scale, an fp32 scale that positions the window
/// of the E4M3 scales. 4.5 bits a weight.
///
/// The largest and the smallest non-zero value of one tensor are 6 * 448 and 0.5 * 2^-9 apart, with
/// or without the tensor scale.
public final class Nvfp4Scheme implements GroupScheme {
  public static final Nvfp4Scheme INSTANCE = new Nvfp4Scheme("nvfp4", true);

  /// Without the tensor scale, as MLX stores it: the window of the scales stays where E4M3 has it.
  public static final Nvfp4Scheme SINGLE_LEVEL = new Nvfp4Scheme("nvfp4-single", false);

  /// Columns that share a scale.
  public static final int GROUP_SIZE = 16;

  /// What the largest magnitude of a tensor becomes under the absmax rule: 6 * 448.
  public static final float RANGE = E2M1.MAX * E4M3.MAX;

  /// What it becomes where scale codes are searched: the group scale of the largest group is then
  /// about 256, so that codes above the absmax one exist.
  public static final float SEARCH_RANGE = E2M1.MAX * 256f;

  private final String name;
  private final boolean tensorScale;

  private Nvfp4Scheme(String name, boolean tensorScale) {
    this.name = name;
    this.tensorScale = tensorScale;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int groupSize() {
    return GROUP_SIZE;
  }

  @Override
  public int codeBits() {
    return 4;
  }

  @Override
  public ScaleType scaleType() {
    return ScaleType.E4M3;
  }

  @Override
  public boolean hasTensorScale() {
    return tensorScale;
  }

  @Override
  public float value(int code) {
    return E2M1.value(code);
  }

  @Override
  public int nearest(float x) {
    return E2M1.nearest(x);
  }

  /// @throws IllegalArgumentException unless `s` is 0 or more
  @Override
  public int nearestScale(float s) {
    if (!(s >= 0)) {
      throw new IllegalArgumentException("a scale of " + s);
    }
    return E4M3.nearest(s);
  }
}
