package io.metalmarlin.formats.scheme.integer;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// compressed-tensors `pack-quantized`: `weight_packed` I32 `[out, words]`, `weight_scale` `[out,
/// groups]`, `weight_zero_point` I32 `[words of out, groups]` packed along the rows, `weight_g_idx`
/// I32 `[in]`, `weight_shape` I64 `[2]`. Codes and zero points are stored with `2^(bits-1)` added,
/// which makes them the unsigned ones of [IntScheme].
///
/// Two variants are read because they were published: zero points of early compressed-tensors, I8
/// `[out, groups]`, signed and not packed; and a `weight_shape` of I32.
///
/// @param scheme without zeros or with zero points
/// @param actOrder whether columns name their group in `weight_g_idx` (`actorder: group`, written
///   until 2026)
/// @param wholeWords whether 3, 5, 6 and 7 bits leave the last bits of each word empty, as
///   compressed-tensors before 0.17 did
/// @param points type of the zero points: I32 packed, I8 one a byte
/// @param shape type of `weight_shape`: I64 or I32
public record PackQuantized(
    IntScheme scheme, boolean actOrder, boolean wholeWords, DType points, DType shape)
    implements GroupPacking {
  /// The format's name in configurations.
  public static final String FORMAT = "pack-quantized";

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  public PackQuantized {
    if (scheme.zero() == Zero.BIAS || wholeWords && 32 % scheme.bits() == 0) {
      throw new IllegalArgumentException(scheme.name() + (wholeWords ? " in whole words" : ""));
    }
    if (points != DType.I32 && points != DType.I8 || shape != DType.I64 && shape != DType.I32) {
      throw new IllegalArgumentException("zero points " + points + ", weight_shape " + shape);
    }
  }

  /// Packed zero points and a shape of 64-bit numbers.
  public PackQuantized(IntScheme scheme, boolean actOrder, boolean wholeWords) {
    this(scheme, actOrder, wholeWords, DType.I32, DType.I64);
  }

  /// The layout that is written: dense words, groups of consecutive columns.
  public PackQuantized(IntScheme scheme) {
    this(scheme, false, false);
  }

  @Override
  public String name() {
    return FORMAT
        + "-"
        + scheme.name()
        + (actOrder ? "-actorder" : "")
        + (wholeWords ? "-whole-words" : "")
        + (bytePoints() ? "-byte-points" : "")
        + (shape == DType.I32 ? "-int32-shape" : "");
  }

  /// Negative scales too: compressed-tensors multiplies unpacked codes by the scale as it stands
  /// (`tests/oracle`), and so do vLLM's kernels for this layout, all in `csrc/quantization`:
  /// `scale` in `marlin/marlin_template.h`, `ConvertAndScale` in `machete/machete_mainloop.cuh`,
  /// `gptq_allspark/allspark_qgemm_w8a16.cu`, `gptq/qdq_4.cuh`.
  @Override
  public Profile profile() {
    return new CompressedTensorsIntProfile(scheme, true);
  }

  /// @throws MarlinException `NOT_DIVISIBLE` unless `cols` are whole groups
  @Override
  public List<Plane> planes(int rows, int cols) {
    long groups = groups(scheme, name(), cols);
    List<Plane> planes = new ArrayList<>();
    planes.add(new Plane("weight_packed", DType.I32, List.of((long) rows, words().count(cols))));
    planes.add(new Plane("weight_scale", scheme.scaleType().dtype(), List.of((long) rows, groups)));
    if (scheme.zero() == Zero.POINT) {
      long height = bytePoints() ? rows : words().count(rows);
      planes.add(new Plane("weight_zero_point", points, List.of(height, groups)));
    }
    if (actOrder) {
      planes.add(new Plane("weight_g_idx", DType.I32, List.of((long) cols)));
    }
    planes.add(new Plane("weight_shape", shape, List.of(2L)));
    return planes;
  }

  /// Groups side by side.
  ///
  /// @throws MarlinException `NOT_DIVISIBLE` unless `cols` are whole groups
  static long groups(IntScheme scheme, String layout, int cols) {
    if (cols % scheme.columnMultiple() != 0) {
      throw new MarlinException(
          ErrorCode.NOT_DIVISIBLE,
          layout,
          "input %d is not a multiple of %d (group_size)".formatted(cols, scheme.groupSize()),
          "Leave the module out with --ignore, or choose another --group-size.");
    }
    return cols / Math.min(cols, scheme.groupSize());
  }

  /// 32-bit words that a row of so many columns takes.
  public static long words(int bits, boolean wholeWords, int cols) {
    return new Words(bits, wholeWords).count(cols);
  }

  private Words words() {
    return new Words(scheme.bits(), wholeWords);
  }

  @Override
  public void encode(QuantizedMatrix matrix, List<MemorySegment> planes) {
    putCodes(matrix, planes.getFirst());
    planes.get(1).copyFrom(matrix.scales());
    putSmall(matrix, planes.subList(2, planes.size()));
  }

  /// Codes and scales are parts of the matrix where a row of codes ends with a word.
  @Override
  public List<MemorySegment> store(PackedMatrix matrix, SegmentAllocator memory) {
    QuantizedMatrix m = (QuantizedMatrix) matrix;
    List<MemorySegment> planes = new ArrayList<>();
    for (Plane p : planes(m.rows(), m.cols())) {
      long bytes = p.tensor("").byteSize();
      planes.add(
          switch (planes.size()) {
            case 0 -> sameCodes(m.cols()) ? m.codes() : memory.allocate(bytes, 64);
            case 1 -> m.scales();
            default -> memory.allocate(bytes, 64);
          });
    }
    if (!sameCodes(m.cols())) {
      putCodes(m, planes.getFirst());
    }
    putSmall(m, planes.subList(2, planes.size()));
    return planes;
  }

  private boolean sameCodes(int cols) {
    return !wholeWords && QuantizedMatrix.codeBytes(scheme, 1, cols) == 4 * words().count(cols);
  }

  /// Zero points, group index and shape.
  private void putSmall(QuantizedMatrix matrix, List<MemorySegment> planes) {
    int rows = matrix.rows();
    int cols = matrix.cols();
    int next = 0;
    if (scheme.zero() == Zero.POINT) {
      MemorySegment zeros = planes.get(next++);
      int groups = matrix.groups();
      putPoints(matrix, zeros, groups);
    }
    if (actOrder) {
      MemorySegment index = planes.get(next++);
      for (int col = 0; col < cols; col++) {
        index.set(Words.INT, 4L * col, matrix.group(col));
      }
    }
    planes.get(next).copyFrom(size(rows, cols));
  }

  /// The plane `weight_shape`.
  @Override
  public Map<Integer, MemorySegment> constants(int rows, int cols) {
    return Map.of(planes(rows, cols).size() - 1, size(rows, cols));
  }

  private MemorySegment size(int rows, int cols) {
    MemorySegment size = MemorySegment.ofArray(new byte[shape == DType.I32 ? 8 : 16]);
    if (shape == DType.I32) {
      size.set(Words.INT, 0, rows);
      size.set(Words.INT, 4, cols);
    } else {
      size.set(LONG, 0, rows);
      size.set(LONG, 8, cols);
    }
    return size;
  }

  private void putPoints(QuantizedMatrix matrix, MemorySegment zeros, int groups) {
    int rows = matrix.rows();
    if (bytePoints()) {
      shifted(java.util.Objects.requireNonNull(matrix.zeros()), -pointOffset(), zeros);
      return;
    }
    if (PointWords.fills(scheme.bits())) {
      MemorySegment points = java.util.Objects.requireNonNull(matrix.zeros());
      if (!points(groups).write(points, 0, rows, groups, zeros)) {
        throw new IllegalArgumentException("a zero point beyond " + scheme.bits() + " bits");
      }
      return;
    }
    zeros.fill((byte) 0);
    for (int group = 0; group < groups; group++) {
      for (int row = 0; row < rows; row++) {
        words().put(zeros, 4L * group, 4L * groups, row, matrix.zeroPoint(row, group));
      }
    }
  }

  private boolean bytePoints() {
    return points == DType.I8 && scheme.zero() == Zero.POINT;
  }

  /// What makes a signed zero point unsigned.
  private int pointOffset() {
    return 1 << scheme.bits() - 1;
  }

  private static void shifted(MemorySegment from, int by, MemorySegment to) {
    for (long i = 0; i < from.byteSize(); i++) {
      to.set(ValueLayout.JAVA_BYTE, i, (byte) (from.get(ValueLayout.JAVA_BYTE, i) + by));
    }
  }

  private PointWords points(int groups) {
    return PointWords.natural(scheme.bits(), 4L * groups, 4);
  }

  private void putCodes(QuantizedMatrix matrix, MemorySegment packed) {
    if (sameCodes(matrix.cols())) {
      packed.copyFrom(matrix.codes());
      return;
    }
    packed.fill((byte) 0);
    long from = matrix.codeStride();
    long to = 4 * words().count(matrix.cols());
    for (int row = 0; row < matrix.rows(); row++) {
      if (!wholeWords) {
        MemorySegment.copy(matrix.codes(), row * from, packed, row * to, from);
        continue;
      }
      for (int col = 0; col < matrix.cols(); col++) {
        words().put(packed, row * to, 4, col, matrix.code(row, col));
      }
    }
  }

  /// The codes are a view where a row of them ends with a word.
  ///
  /// @throws MarlinException `TENSOR_MISMATCH` for a column whose group does not exist
  @Override
  public QuantizedMatrix decode(List<MemorySegment> planes, int rows, int cols) {
    int next = 2;
    MemorySegment zeros =
        scheme.zero() == Zero.POINT ? zeros(planes.get(next++), rows, cols) : null;
    MemorySegment index = actOrder ? groupIndex(planes.get(next), cols) : null;
    return new QuantizedMatrix(
        scheme,
        rows,
        cols,
        codes(planes.getFirst(), rows, cols),
        planes.get(1),
        TensorScale.NONE,
        zeros,
        index);
  }

  @Override
  public boolean plain(List<MemorySegment> planes, int rows, int cols) {
    return !actOrder || groupIndex(planes.get(planes.size() - 2), cols) == null;
  }

  private MemorySegment codes(MemorySegment packed, int rows, int cols) {
    if (sameCodes(cols)) {
      return packed;
    }
    long to = QuantizedMatrix.codeBytes(scheme, 1, cols);
    long from = 4 * words().count(cols);
    MemorySegment codes = Arena.ofAuto().allocate(rows * to);
    QuantizedMatrix view = codesOnly(codes, rows, cols);
    for (int row = 0; row < rows; row++) {
      if (!wholeWords) {
        MemorySegment.copy(packed, row * from, codes, row * to, to);
        continue;
      }
      for (int col = 0; col < cols; col++) {
        view.putCode(row, col, words().get(packed, row * from, 4, col));
      }
    }
    return codes;
  }

  /// A matrix around codes alone, to store codes of any width in the internal form.
  private QuantizedMatrix codesOnly(MemorySegment codes, int rows, int cols) {
    IntScheme plain = new IntScheme(scheme.bits(), IntScheme.WHOLE, scheme.scaleType(), Zero.NONE);
    MemorySegment scales =
        MemorySegment.ofArray(new byte[(int) QuantizedMatrix.scaleBytes(plain, rows, cols)]);
    return new QuantizedMatrix(plain, rows, cols, codes, scales, TensorScale.NONE);
  }

  private MemorySegment zeros(MemorySegment packed, int rows, int cols) {
    int groups = cols / Math.min(cols, scheme.groupSize());
    if (bytePoints()) {
      MemorySegment unsigned = Arena.ofAuto().allocate(packed.byteSize());
      shifted(packed, pointOffset(), unsigned);
      return unsigned;
    }
    if (PointWords.fills(scheme.bits())) {
      byte[] points = new byte[Math.multiplyExact(rows, groups)];
      points(groups).read(packed, 0, rows, groups, points);
      return MemorySegment.ofArray(points);
    }
    MemorySegment zeros = Arena.ofAuto().allocate((long) rows * groups);
    for (int group = 0; group < groups; group++) {
      for (int row = 0; row < rows; row++) {
        int zero = words().get(packed, 4L * group, 4L * groups, row);
        zeros.set(ValueLayout.JAVA_BYTE, (long) row * groups + group, (byte) zero);
      }
    }
    return zeros;
  }

  /// The stored index, or null where it says what the order of columns says anyway: run after run,
  /// or -1 for "not used".
  private @Nullable MemorySegment groupIndex(MemorySegment index, int cols) {
    int size = Math.min(cols, scheme.groupSize());
    boolean plain = true;
    for (int col = 0; col < cols; col++) {
      int group = index.get(Words.INT, 4L * col);
      if (group == -1) {
        return null;
      }
      if (group < 0 || group >= cols / size) {
        throw new MarlinException(
            ErrorCode.TENSOR_MISMATCH,
            "weight_g_idx",
            "column %d is in group %d, there are %d groups".formatted(col, group, cols / size),
            "The checkpoint is damaged; download it again.");
      }
      plain &= group == col / size;
    }
    return plain ? null : index;
  }
}
