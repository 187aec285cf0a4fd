package io.metalmarlin.formats.scheme;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.scheme.codebook.CodebookScheme;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// What every packing and scheme of the registries must do; a new entry is tested without a new
/// class.
class PackingConformanceTest {
  static final List<Packing> PACKINGS = Packings.ALL;
  static final List<GroupPacking> GROUPED =
      PACKINGS.stream()
          .filter(GroupPacking.class::isInstance)
          .map(GroupPacking.class::cast)
          .toList();
  static final List<GroupPacking> NVFP4 =
      GROUPED.stream()
          .filter(p -> p.scheme().equals(Nvfp4Scheme.INSTANCE) && !p.name().startsWith("ggml"))
          .toList();
  static final List<GroupScheme> SCHEMES =
      Schemes.ALL.stream()
          .filter(GroupScheme.class::isInstance)
          .map(GroupScheme.class::cast)
          .toList();

  // A number of rows that any packing along rows divides.
  private static final int ROWS = 32;

  @ParameterizedTest
  @FieldSource("PACKINGS")
  void planes_survive_decoding_and_encoding(Packing packing) {
    try (Arena arena = Arena.ofConfined()) {
      int cols = cols(packing);
      List<MemorySegment> planes = allocate(packing, arena, ROWS, cols);
      packing.encode(RandomMatrix.of(packing, 7, ROWS, cols), planes);
      List<MemorySegment> again = allocate(packing, arena, ROWS, cols);
      packing.encode(packing.decode(planes, ROWS, cols), again);
      for (int i = 0; i < planes.size(); i++) {
        assertThat(hex(again.get(i))).isEqualTo(hex(planes.get(i)));
      }
    }
  }

  @ParameterizedTest
  @FieldSource("PACKINGS")
  void memory_that_was_used_before_holds_the_same_planes_and_matrices(Packing packing) {
    try (Arena arena = Arena.ofConfined()) {
      int cols = cols(packing);
      List<MemorySegment> planes = allocate(packing, arena, ROWS, cols);
      packing.encode(RandomMatrix.of(packing, 7, ROWS, cols), planes);
      SegmentAllocator used =
          (size, alignment) -> arena.allocate(size, alignment).fill((byte) 0xa5);
      PackedMatrix matrix = packing.decode(planes, ROWS, cols, used);
      List<MemorySegment> stored = packing.store(matrix, used);
      for (int i = 0; i < planes.size(); i++) {
        assertThat(hex(stored.get(i))).isEqualTo(hex(planes.get(i)));
      }
      assertThat(packing.plain(planes, ROWS, cols)).isEqualTo(!(matrix instanceof ColumnScaled));
      if (packing.decodeScales(planes, ROWS, cols, used) instanceof QuantizedMatrix scales) {
        QuantizedMatrix whole = (QuantizedMatrix) matrix;
        assertThat(hex(scales.scales())).isEqualTo(hex(whole.scales()));
        assertThat(scales.zeros() == null ? "" : hex(scales.zeros()))
            .isEqualTo(whole.zeros() == null ? "" : hex(whole.zeros()));
        assertThat(scales.tensorScale()).isEqualTo(whole.tensorScale());
      }
    }
  }

  @ParameterizedTest
  @FieldSource("GROUPED")
  void round_trips_codes_scales_zeros_and_tensor_scale(GroupPacking packing) {
    try (Arena arena = Arena.ofConfined()) {
      int cols = cols(packing);
      QuantizedMatrix m = RandomMatrix.of(packing, 11, ROWS, cols);
      List<MemorySegment> planes = allocate(packing, arena, ROWS, cols);
      packing.encode(m, planes);
      QuantizedMatrix back = packing.decode(planes, ROWS, cols);
      assertThat(hex(back.codes())).isEqualTo(hex(m.codes()));
      assertThat(hex(back.scales())).isEqualTo(hex(m.scales()));
      assertThat(back.zeros() == null ? "" : hex(back.zeros()))
          .isEqualTo(m.zeros() == null ? "" : hex(m.zeros()));
      assertThat(back.tensorScale()).isEqualTo(m.tensorScale());
      assertThat(back.scheme()).isEqualTo(packing.scheme());
    }
  }

  @ParameterizedTest
  @FieldSource("SCHEMES")
  void every_code_under_every_scale_code_decodes_to_the_naive_definition(GroupScheme scheme) {
    int codes = 1 << scheme.codeBits();
    int cols = Math.max(codes, scheme.columnMultiple());
    TensorScale tensorScale =
        scheme.hasTensorScale()
            ? new TensorScale(TensorScale.Kind.DIVISOR, 812f)
            : TensorScale.NONE;
    byte[] packed = new byte[Math.ceilDiv(cols * scheme.codeBits(), 8)];
    for (int c = 0; c < codes; c++) {
      for (int bit = 0; bit < scheme.codeBits(); bit++) {
        int at = c * scheme.codeBits() + bit;
        packed[at / 8] |= (byte) ((c >> bit & 1) << at % 8);
      }
    }
    for (int scale : scaleCodes(scheme)) {
      MemorySegment scales =
          MemorySegment.ofArray(new byte[(int) QuantizedMatrix.scaleBytes(scheme, 1, cols)]);
      for (long i = 0; i < scales.byteSize() / scheme.scaleType().bytes(); i++) {
        scheme.scaleType().put(scales, i, scale);
      }
      int zero = scheme.zero() == GroupScheme.Zero.NONE ? 0 : 1;
      byte[] zeros = new byte[(int) QuantizedMatrix.zeroBytes(scheme, 1, cols)];
      java.util.Arrays.fill(zeros, (byte) zero);
      QuantizedMatrix m =
          new QuantizedMatrix(
              scheme,
              1,
              cols,
              MemorySegment.ofArray(packed),
              scales,
              tensorScale,
              zeros.length == 0 ? null : MemorySegment.ofArray(zeros),
              null);
      float[] out = new float[cols];
      m.decode(0, 1, out);
      for (int c = 0; c < codes; c++) {
        // In double and rounded after each step, as fp32 does.
        double s = scheme.scaleValue(scale);
        float effective = (float) (scheme.hasTensorScale() ? s / 812.0 : s);
        float expected =
            switch (scheme.zero()) {
              case NONE -> (float) ((double) scheme.value(c) * effective);
              case POINT -> (float) ((scheme.value(c) - 1.0) * effective);
              case BIAS ->
                  (float)
                      ((double) (float) ((double) scheme.value(c) * effective)
                          + scheme.scaleValue(m.biasCode(0, 0)));
            };
        assertThat(Float.valueOf(out[c])).isEqualTo(Float.valueOf(expected));
      }
    }
  }

  @ParameterizedTest
  @FieldSource("NVFP4")
  void decoding_copies_nothing_where_the_layout_is_the_internal_form(GroupPacking packing) {
    int cols = 2 * packing.scheme().groupSize();
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> planes = allocate(packing, arena, 2, cols);
      packing.encode(RandomMatrix.of(packing, 1, 2, cols), planes);
      QuantizedMatrix m = packing.decode(planes, 2, cols);
      planes.get(0).set(ValueLayout.JAVA_BYTE, 0, (byte) 0x5a);
      assertThat(m.codes().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 0x5a);
    }
  }

  /// Beside the bits of the scheme a layout may spend a shape, padding, an index per column, and
  /// zero points that are all the same.
  @ParameterizedTest
  @FieldSource("PACKINGS")
  void planes_hold_the_bits_of_the_scheme_and_little_more(Packing packing) {
    int cols = cols(packing);
    long bytes = packing.planes(ROWS, cols).stream().mapToLong(p -> p.tensor("m").byteSize()).sum();
    double bits = packing.scheme().bitsPerWeight(ROWS, cols) * ROWS * cols;
    assertThat(bytes * 8.0).isBetween(bits, 1.35 * bits + 32 * cols + 256);
  }

  @ParameterizedTest
  @FieldSource("GROUPED")
  void a_matrix_of_zeros_survives_quantization(GroupPacking packing) {
    int cols = cols(packing);
    TensorScale ts = packing.profile().tensorScale(0f, DType.BF16);
    QuantizedMatrix m =
        AbsmaxQuantizer.quantize(packing, new float[ROWS * cols], ROWS, cols, ts, DType.BF16);
    float[] out = new float[ROWS * cols];
    m.decode(0, ROWS, out);
    // A codebook has no 0: its smallest value under its smallest scale stands for it.
    GroupScheme scheme = packing.scheme();
    float least =
        scheme instanceof CodebookScheme book
            ? book.value(1 << book.bits() - 1)
                * scheme.scaleValue(packing.profile().emptyGroupScale())
            : 0;
    for (float x : out) {
      assertThat(Math.abs(x)).isEqualTo(least);
    }
    assertThat(m.scaleCode(0, 0)).isEqualTo(packing.profile().emptyGroupScale());
  }

  /// Half a step of the grid at the largest value, and what the scale's own rounding adds.
  @ParameterizedTest
  @FieldSource("GROUPED")
  void rounding_stays_within_a_step_of_the_grid(GroupPacking packing) {
    int cols = cols(packing);
    SplittableRandom random = new SplittableRandom(17);
    float[] w = new float[ROWS * cols];
    for (int i = 0; i < w.length; i++) {
      w[i] = io.metalmarlin.formats.number.BF16.round((float) random.nextDouble(-1, 1));
    }
    TensorScale ts = packing.profile().tensorScale(1f, DType.BF16);
    QuantizedMatrix m = AbsmaxQuantizer.quantize(packing, w, ROWS, cols, ts, DType.BF16);
    float[] out = new float[w.length];
    m.decode(0, ROWS, out);
    double step = 2.2 / ((1 << packing.scheme().codeBits()) - 1);
    for (int i = 0; i < w.length; i++) {
      assertThat((double) Math.abs(out[i] - w[i])).isLessThan(Math.max(step, 0.27));
    }
  }

  @ParameterizedTest
  @FieldSource("SCHEMES")
  void every_scheme_rounds_each_of_its_scale_values_to_itself(GroupScheme scheme) {
    for (int c : scaleCodes(scheme)) {
      float v = scheme.scaleValue(c);
      if (v >= 0 && 1 / v > 0) {
        assertThat(scheme.nearestScale(v)).isEqualTo(c);
      }
    }
  }

  @ParameterizedTest
  @FieldSource("SCHEMES")
  void the_nearest_code_is_the_nearest_by_brute_force(GroupScheme scheme) {
    SplittableRandom random = new SplittableRandom(3);
    double largest =
        IntStream.range(0, 1 << scheme.codeBits())
            .mapToDouble(scheme::value)
            .filter(Double::isFinite)
            .map(Math::abs)
            .max()
            .orElseThrow();
    for (int i = 0; i < 500; i++) {
      float x = (float) (random.nextDouble(-1.2, 1.2) * largest);
      float chosen = Math.abs(scheme.value(scheme.nearest(x)) - x);
      for (int c = 0; c < 1 << scheme.codeBits(); c++) {
        if (!Float.isNaN(scheme.value(c))) {
          assertThat(Math.abs(scheme.value(c) - x)).isGreaterThanOrEqualTo(chosen);
        }
      }
    }
  }

  /// All finite scale codes of a narrow type, some of a wide one.
  private static List<Integer> scaleCodes(GroupScheme scheme) {
    int count = scheme.scaleBits() <= 8 ? 256 : 600;
    SplittableRandom random = new SplittableRandom(5);
    List<Integer> codes = new ArrayList<>();
    IntStream.range(0, count)
        .map(i -> count == 256 ? i : random.nextInt() >>> 32 - scheme.scaleBits())
        .filter(c -> Float.isFinite(scheme.scaleValue(c) * scheme.value(0)))
        .filter(c -> Float.isFinite(scheme.scaleValue(c) * 512))
        .forEach(codes::add);
    return codes;
  }

  private static int cols(Packing packing) {
    return 4 * Math.max(32, packing.scheme().columnMultiple());
  }

  private static List<MemorySegment> allocate(Packing packing, Arena arena, int rows, int cols) {
    // Each plane at an odd address: containers do not align.
    return packing.planes(rows, cols).stream()
        .map(p -> arena.allocate(p.tensor("m").byteSize() + 1, 8).asSlice(1))
        .toList();
  }

  private static String hex(MemorySegment s) {
    return HexFormat.of().formatHex(s.toArray(ValueLayout.JAVA_BYTE));
  }
}
