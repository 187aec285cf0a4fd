package io.metalmarlin.formats.scheme.gptq;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// GPTQ: `qweight` I32 `[in*bits/32, out]` packed along the input, least significant bits first (3
/// bits as one stream, so that two of 32 codes straddle words), `qzeros` I32 `[groups,
/// out*bits/32]`, `scales` `[groups, out]`, `g_idx` I32 `[in]`. Down a column of `qweight` the
/// words are the stream of codes of one output, so the codes are its transpose.
///
/// @param scheme 2, 3, 4 or 8 bits, symmetric or with zero points
/// @param version how zero points are stored
/// @param index whether and how inputs name their groups
public record GptqPacking(IntScheme scheme, Version version, Index index) implements GroupPacking {
  /// Widths of the format.
  public static final Set<Integer> BITS = Set.of(2, 3, 4, 8);

  private static final long MAX_ARRAY = Integer.MAX_VALUE - 8;

  /// `checkpoint_format`.
  public enum Version {
    /// `gptq`, or none: zero points are stored less one. A stored `2^bits - 1` is read as `2^bits`.
    V1(-1),
    /// `gptq_v2`: as they are.
    V2(0);

    private final int stored;

    Version(int stored) {
      this.stored = stored;
    }
  }

  /// What `g_idx` holds.
  public enum Index {
    /// There is no such plane.
    NONE,
    /// Groups are runs of inputs; what is read may say otherwise and is then followed.
    RUNS,
    /// Groups were formed in the order of activation (`desc_act`).
    ACT_ORDER
  }

  public GptqPacking {
    if (!canHold(scheme)) {
      throw new IllegalArgumentException("GPTQ has no layout for " + scheme.name());
    }
  }

  /// Whether the format has that grid.
  public static boolean canHold(IntScheme scheme) {
    return BITS.contains(scheme.bits()) && scheme.zero() != Zero.BIAS;
  }

  @Override
  public String name() {
    String suffix =
        switch (index) {
          case NONE -> "-no-index";
          case RUNS -> "";
          case ACT_ORDER -> "-act-order";
        };
    return "gptq-" + version.name().toLowerCase() + "-" + scheme.name() + suffix;
  }

  @Override
  public Profile profile() {
    return new IntProfile(scheme, -version.stored);
  }

  private ZeroPoints zeroPoints() {
    return new ZeroPoints(scheme, version.stored, null);
  }

  /// @throws MarlinException `NOT_DIVISIBLE` unless an input is whole groups and both packed sides
  ///   are whole words
  @Override
  public List<Plane> planes(int rows, int cols) {
    int bits = scheme.bits();
    Divisible.require(name(), "input", cols, scheme.columnMultiple(), "GPTQ group");
    Divisible.require(name(), "input", (long) cols * bits, 32, "bits of a word");
    Divisible.require(name(), "output", (long) rows * bits, 32, "bits of a word");
    long groups = cols / Math.min(cols, scheme.groupSize());
    List<Plane> planes = new ArrayList<>();
    planes.add(new Plane("qweight", DType.I32, List.of((long) cols * bits / 32, (long) rows)));
    planes.add(new Plane("qzeros", DType.I32, List.of(groups, (long) rows * bits / 32)));
    planes.add(new Plane("scales", scheme.scaleType().dtype(), List.of(groups, (long) rows)));
    if (index != Index.NONE) {
      planes.add(new Plane("g_idx", DType.I32, List.of((long) cols)));
    }
    return planes;
  }

  /// @throws MarlinException `TARGET_CANNOT` for a zero point outside the version's range, and for
  ///   groups that are no runs unless this is the layout of `act_order`
  @Override
  public void encode(QuantizedMatrix m, List<MemorySegment> planes) {
    if (m.groupIndex() != null && index != Index.ACT_ORDER) {
      throw new MarlinException(
          ErrorCode.TARGET_CANNOT,
          name(),
          "the groups are in the order of activation, this layout has runs of inputs",
          "Store it in the layout with act_order.");
    }
    Transpose.words(m.codes(), planes.get(0), m.rows(), m.codeStride() / 4);
    zeroPoints().write(m, planes.get(1));
    Transpose.elements(m.scales(), planes.get(2), m.rows(), m.groups(), scheme.scaleType().bytes());
    if (index != Index.NONE) {
      GroupIndex.write(m, planes.get(3));
    }
  }

  /// @throws MarlinException as [#encode]
  @Override
  public List<MemorySegment> store(PackedMatrix m, SegmentAllocator memory) {
    List<MemorySegment> planes = allocated(planes(m.rows(), m.cols()), memory);
    encode((QuantizedMatrix) m, planes);
    return planes;
  }

  static List<MemorySegment> allocated(List<Plane> planes, SegmentAllocator memory) {
    return planes.stream().map(p -> memory.allocate(p.tensor("").byteSize(), 64)).toList();
  }

  @Override
  public QuantizedMatrix decode(List<MemorySegment> planes, int rows, int cols) {
    return decode(planes, rows, cols, GptqPacking::memory);
  }

  /// A copy, but for a group index that is followed.
  ///
  /// @throws MarlinException `TENSOR_MISMATCH` for zero points that contradict a symmetric scheme,
  ///   and for groups that do not exist
  @Override
  public QuantizedMatrix decode(
      List<MemorySegment> planes, int rows, int cols, SegmentAllocator memory) {
    MemorySegment codes = memory.allocate(planes.get(0).byteSize(), 64);
    Transpose.words(planes.get(0), codes, (int) ((long) cols * scheme.bits() / 32), rows);
    return around(codes, planes, rows, cols, memory);
  }

  /// The codes are the stored bytes in their order.
  @Override
  public QuantizedMatrix decodeScales(
      List<MemorySegment> planes, int rows, int cols, SegmentAllocator memory) {
    return around(planes.get(0), planes, rows, cols, memory);
  }

  @Override
  public boolean plain(List<MemorySegment> planes, int rows, int cols) {
    int groupSize = Math.min(cols, scheme.groupSize());
    return index == Index.NONE
        || GroupIndex.read(planes.get(3), cols, groupSize, cols / groupSize) == null;
  }

  private QuantizedMatrix around(
      MemorySegment codes,
      List<MemorySegment> planes,
      int rows,
      int cols,
      SegmentAllocator memory) {
    int groupSize = Math.min(cols, scheme.groupSize());
    int groups = cols / groupSize;
    MemorySegment scales = memory.allocate(planes.get(2).byteSize(), 64);
    Transpose.elements(planes.get(2), scales, groups, rows, scheme.scaleType().bytes());
    return new QuantizedMatrix(
        scheme,
        rows,
        cols,
        codes,
        scales,
        TensorScale.NONE,
        zeroPoints().read(planes.get(1), rows, groups),
        index == Index.NONE ? null : GroupIndex.read(planes.get(3), cols, groupSize, groups));
  }

  /// Fresh memory; outside the heap where an array is too small.
  static MemorySegment memory(long bytes, long alignment) {
    return bytes <= MAX_ARRAY
        ? MemorySegment.ofArray(new byte[(int) bytes])
        : Arena.ofAuto().allocate(bytes);
  }
}
