package io.metalmarlin.formats.scheme.integer;

import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// compressed-tensors `int-quantized`: `weight` I8 `[out, in]`, `weight_scale` `[out, groups]`,
/// with zero points `weight_zero_point` I8 `[out, groups]`. Codes and zero points are signed bytes;
/// those of [IntScheme] are 128 more.
///
/// @param scheme of 8 bits, without zeros or with zero points
/// @param shared whether one scale (and zero point), stored as `[1]`, is that of every row; only
///   read, and only with one group a row
public record IntQuantized(IntScheme scheme, boolean shared) implements GroupPacking {
  /// The format's name in configurations.
  public static final String FORMAT = "int-quantized";

  private static final long SIGNS = 0x8080_8080_8080_8080L;

  public IntQuantized {
    if (scheme.bits() != 8
        || scheme.zero() == Zero.BIAS
        || shared && scheme.groupSize() != IntScheme.WHOLE) {
      throw new IllegalArgumentException(scheme.name());
    }
  }

  /// Scales of rows or of groups.
  public IntQuantized(IntScheme scheme) {
    this(scheme, false);
  }

  @Override
  public String name() {
    return FORMAT + "-" + scheme.name() + (shared ? "-shared" : "");
  }

  /// Positive scales only: the layout is for kernels that round activations too, and none of them
  /// was seen to run another sign.
  @Override
  public Profile profile() {
    return new CompressedTensorsIntProfile(scheme, false);
  }

  /// @throws io.metalmarlin.formats.MarlinException `NOT_DIVISIBLE` unless `cols` are whole groups
  @Override
  public List<Plane> planes(int rows, int cols) {
    List<Long> groups =
        shared ? List.of(1L) : List.of((long) rows, PackQuantized.groups(scheme, name(), cols));
    List<Plane> planes = new ArrayList<>();
    planes.add(new Plane("weight", DType.I8, List.of((long) rows, (long) cols)));
    planes.add(new Plane("weight_scale", scheme.scaleType().dtype(), groups));
    if (scheme.zero() == Zero.POINT) {
      planes.add(new Plane("weight_zero_point", DType.I8, groups));
    }
    return planes;
  }

  /// @throws IllegalArgumentException with a shared scale: it is not written
  @Override
  public void encode(QuantizedMatrix matrix, List<MemorySegment> planes) {
    if (shared) {
      throw new IllegalArgumentException(name() + " is read only");
    }
    flip(matrix.codes(), planes.getFirst());
    planes.get(1).copyFrom(matrix.scales());
    if (matrix.zeros() != null) {
      flip(matrix.zeros(), planes.get(2));
    }
  }

  /// The scales are a view, but for a shared one; codes and zero points are a copy.
  @Override
  public QuantizedMatrix decode(List<MemorySegment> planes, int rows, int cols) {
    return new QuantizedMatrix(
        scheme,
        rows,
        cols,
        flipped(planes.getFirst()),
        shared ? repeated(planes.get(1), rows) : planes.get(1),
        TensorScale.NONE,
        scheme.zero() == Zero.POINT ? points(planes.get(2), rows) : null,
        null);
  }

  private MemorySegment points(MemorySegment stored, int rows) {
    MemorySegment points = flipped(stored);
    return shared ? repeated(points, rows) : points;
  }

  private static MemorySegment repeated(MemorySegment one, int rows) {
    MemorySegment all = Arena.ofAuto().allocate(rows * one.byteSize(), 8);
    for (int row = 0; row < rows; row++) {
      MemorySegment.copy(one, 0, all, row * one.byteSize(), one.byteSize());
    }
    return all;
  }

  private static MemorySegment flipped(MemorySegment bytes) {
    MemorySegment copy = Arena.ofAuto().allocate(bytes.byteSize());
    flip(bytes, copy);
    return copy;
  }

  /// Adds 128 to every byte.
  private static void flip(MemorySegment from, MemorySegment to) {
    long size = from.byteSize();
    long at = 0;
    for (; at + 8 <= size; at += 8) {
      long bytes = from.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
      to.set(ValueLayout.JAVA_LONG_UNALIGNED, at, bytes ^ SIGNS);
    }
    for (; at < size; at++) {
      to.set(ValueLayout.JAVA_BYTE, at, (byte) (from.get(ValueLayout.JAVA_BYTE, at) ^ 0x80));
    }
  }
}
