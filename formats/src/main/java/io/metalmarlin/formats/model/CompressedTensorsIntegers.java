package io.metalmarlin.formats.model;

import static io.metalmarlin.formats.scheme.GroupScheme.WHOLE;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.integer.IntQuantized;
import io.metalmarlin.formats.scheme.integer.PackQuantized;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Integers of compressed-tensors. Their planes do not say the width: of those that the
/// configuration names the one is taken whose words fill `weight_packed`.
final class CompressedTensorsIntegers {
  private record Width(int bits, boolean wholeWords) {}

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long LARGEST = Integer.MAX_VALUE / 16;

  private final CompressedTensorsConfig config;
  private final Checkpoint checkpoint;

  CompressedTensorsIntegers(CompressedTensorsConfig config, Checkpoint checkpoint) {
    this.config = config;
    this.checkpoint = checkpoint;
  }

  /// `pack-quantized`.
  StoredMatrix packed(String stem) {
    int[] size = Tensors.matrix(checkpoint, stem + ".weight_packed");
    int cols = columns(stem, size[0]);
    List<Width> readings = readings(cols, size[1]);
    if (readings.size() != 1) {
      throw Tensors.mismatch(
          checkpoint,
          stem + ".weight_packed",
          "has %d words a row; %d columns of %s bits (num_bits) give %s"
              .formatted(size[1], cols, widths(), readings.isEmpty() ? "none such" : "several"));
    }
    Width width = readings.getFirst();
    IntScheme scheme = scheme(stem, width.bits(), size[0], cols);
    boolean actOrder = Tensors.has(checkpoint, stem + ".weight_g_idx");
    DType points =
        Tensors.is(checkpoint, stem + ".weight_zero_point", DType.I8) ? DType.I8 : DType.I32;
    DType shape = checkpoint.tensors().get(stem + ".weight_shape").dtype();
    return new StoredMatrix(
        new PackQuantized(scheme, actOrder, width.wholeWords(), points, shape), size[0], cols);
  }

  /// The widths whose words fill a packed row.
  private List<Width> readings(int cols, int words) {
    List<Width> readings = new ArrayList<>();
    for (int bits : widths()) {
      if (PackQuantized.words(bits, false, cols) == words) {
        readings.add(new Width(bits, false));
      } else if (PackQuantized.words(bits, true, cols) == words) {
        readings.add(new Width(bits, true));
      }
    }
    if (readings.size() > 1 && config.integerBits().isEmpty()) {
      // Nobody says the width; what is written today goes first.
      readings.removeIf(Width::wholeWords);
    }
    return readings;
  }

  /// `int-quantized`: a byte for a code, whatever `num_bits` says. One scale for the tensor counts
  /// as the same for every row.
  StoredMatrix unpacked(String stem) {
    int[] size = Tensors.matrix(checkpoint, stem + ".weight");
    String scales = stem + ".weight_scale";
    boolean shared = Tensors.require(checkpoint, scales).elements() == 1 && size[0] > 1;
    IntScheme scheme =
        shared
            ? new IntScheme(8, WHOLE, Tensors.scaleType(checkpoint, scales), zero(stem))
            : scheme(stem, 8, size[0], size[1]);
    return new StoredMatrix(new IntQuantized(scheme, shared), size[0], size[1]);
  }

  private Zero zero(String stem) {
    return Tensors.has(checkpoint, stem + ".weight_zero_point") ? Zero.POINT : Zero.NONE;
  }

  /// What `weight_shape` says, if it fits the packed rows.
  private int columns(String stem, int rows) {
    String name = stem + ".weight_shape";
    TensorInfo info = Tensors.require(checkpoint, name);
    boolean wide = info.dtype() == DType.I64;
    if (!wide && info.dtype() != DType.I32 || !info.shape().equals(List.of(2L))) {
      throw Tensors.mismatch(
          checkpoint, name, "is %s %s, not I64 [2]".formatted(info.dtype(), info.shape()));
    }
    MemorySegment shape = checkpoint.bytes(name);
    long stored = wide ? shape.get(LONG, 0) : shape.get(INT, 0);
    long cols = wide ? shape.get(LONG, 8) : shape.get(INT, 4);
    if (stored != rows || cols < 1 || cols > LARGEST) {
      throw Tensors.mismatch(
          checkpoint,
          name,
          "says %d x %d, weight_packed has %d rows".formatted(stored, cols, rows));
    }
    return (int) cols;
  }

  private List<Integer> widths() {
    List<Integer> said = config.integerBits();
    return said.isEmpty() ? IntStream.rangeClosed(2, 8).boxed().toList() : said;
  }

  private IntScheme scheme(String stem, int bits, int rows, int cols) {
    String scales = stem + ".weight_scale";
    int size = groupSize(scales, bits, rows, cols);
    return new IntScheme(bits, size, Tensors.scaleType(checkpoint, scales), zero(stem));
  }

  /// The group size that the configuration names for this width and the scales confirm.
  private int groupSize(String scales, int bits, int rows, int cols) {
    List<Long> shape = Tensors.require(checkpoint, scales).shape();
    boolean sound = shape.size() == 2 && shape.get(0) == rows && shape.get(1) >= 1;
    long groups = sound ? shape.get(1) : 0;
    List<Integer> said = config.groupSizes(bits);
    for (int size : said) {
      boolean fits = size == WHOLE ? groups == 1 : cols % size == 0 && cols / size == groups;
      if (fits) {
        return size;
      }
    }
    if (!sound || !said.isEmpty() || cols % groups != 0) {
      throw Tensors.mismatch(
          checkpoint,
          scales,
          "has shape %s; %d rows of %d columns do not have that in groups of %s (group_size)"
              .formatted(shape, rows, cols, said.stream().map(this::sizeName).toList()));
    }
    return groups == 1 ? WHOLE : (int) (cols / groups);
  }

  private String sizeName(int size) {
    return size == WHOLE ? "channel" : "" + size;
  }
}
