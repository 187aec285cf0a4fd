package io.metalmarlin.formats.scheme;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// What every packing and scheme of the registries must do; a new entry is tested without a new
/// class.
class PackingConformanceTest {
  static final List<Packing> PACKINGS = Packings.ALL;
  static final List<Scheme> SCHEMES = Schemes.ALL;

  @ParameterizedTest
  @FieldSource("PACKINGS")
  void round_trips_codes_scales_and_tensor_scale(Packing packing) {
    SplittableRandom random = new SplittableRandom(7);
    int cols = 3 * packing.scheme().groupSize();
    try (Arena arena = Arena.ofConfined()) {
      QuantizedMatrix m = random(packing, random, 5, cols);
      List<MemorySegment> planes = allocate(packing, arena, 5, cols);
      packing.encode(m, planes);
      QuantizedMatrix back = packing.decode(planes, 5, cols);
      assertThat(hex(back.codes())).isEqualTo(hex(m.codes()));
      assertThat(hex(back.scales())).isEqualTo(hex(m.scales()));
      assertThat(back.tensorScale()).isEqualTo(m.tensorScale());
      assertThat(back.scheme()).isSameAs(packing.scheme());
    }
  }

  @ParameterizedTest
  @FieldSource("PACKINGS")
  void every_code_under_every_scale_code_decodes_to_the_naive_definition(Packing packing) {
    Scheme scheme = packing.scheme();
    int codes = 1 << scheme.codeBits();
    int cols = Math.max(codes, scheme.groupSize());
    TensorScale tensorScale = new TensorScale(packing.tensorScaleKind(), 812f);
    for (int scale = 0; scale < 1 << scheme.scaleBits(); scale++) {
      if (Float.isNaN(scheme.scaleValue(scale))) {
        continue;
      }
      byte[] packed = new byte[Math.ceilDiv(cols * scheme.codeBits(), 8)];
      for (int c = 0; c < codes; c++) {
        for (int bit = 0; bit < scheme.codeBits(); bit++) {
          int at = c * scheme.codeBits() + bit;
          packed[at / 8] |= (byte) ((c >> bit & 1) << at % 8);
        }
      }
      byte[] scales = new byte[Math.ceilDiv(cols, scheme.groupSize())];
      java.util.Arrays.fill(scales, (byte) scale);
      float[] out = new float[cols];
      MatrixDecoder.decode(
          new QuantizedMatrix(
              scheme,
              1,
              cols,
              MemorySegment.ofArray(packed),
              MemorySegment.ofArray(scales),
              tensorScale),
          0,
          1,
          out);
      for (int c = 0; c < codes; c++) {
        // In double and rounded twice, as fp32 does: scale with tensor scale, then with the code.
        double s = scheme.scaleValue(scale);
        float effective =
            (float) (tensorScale.kind() == TensorScale.Kind.DIVISOR ? s / 812.0 : s * 812.0);
        assertThat(out[c]).isEqualTo((float) ((double) scheme.value(c) * effective));
      }
    }
  }

  @ParameterizedTest
  @FieldSource("PACKINGS")
  void decoding_copies_nothing_where_the_layout_is_the_internal_form(Packing packing) {
    int cols = 2 * packing.scheme().groupSize();
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> planes = allocate(packing, arena, 2, cols);
      packing.encode(random(packing, new SplittableRandom(1), 2, cols), planes);
      QuantizedMatrix m = packing.decode(planes, 2, cols);
      planes.get(0).set(ValueLayout.JAVA_BYTE, 0, (byte) 0x5a);
      assertThat(m.codes().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 0x5a);
    }
  }

  @ParameterizedTest
  @FieldSource("PACKINGS")
  void plane_sizes_add_up_to_the_bits_per_weight_of_the_scheme(Packing packing) {
    int cols = 4 * packing.scheme().groupSize();
    long bytes = packing.planes(32, cols).stream().mapToLong(p -> p.tensor("m").byteSize()).sum();
    assertThat(bytes * 8.0 / (32 * cols)).isEqualTo(packing.scheme().bitsPerWeight(32, cols));
  }

  @ParameterizedTest
  @FieldSource("PACKINGS")
  void a_matrix_of_zeros_survives_quantization(Packing packing) {
    int cols = packing.scheme().groupSize();
    TensorScale ts = packing.profile().tensorScale(0f, DType.BF16);
    QuantizedMatrix m =
        AbsmaxQuantizer.quantize(packing, new float[2 * cols], 2, cols, ts, DType.BF16);
    float[] out = new float[2 * cols];
    MatrixDecoder.decode(m, 0, 2, out);
    assertThat(out).containsOnly(0f);
    assertThat(m.scaleCode(0, 0)).isEqualTo(packing.profile().emptyGroupScale());
  }

  @ParameterizedTest
  @FieldSource("SCHEMES")
  void every_scheme_rounds_each_of_its_scale_values_to_itself(Scheme scheme) {
    for (int c = 0; c < 1 << scheme.scaleBits(); c++) {
      float v = scheme.scaleValue(c);
      if (v >= 0 && 1 / v > 0) {
        assertThat(scheme.nearestScale(v)).isEqualTo(c);
      }
    }
  }

  private static QuantizedMatrix random(Packing packing, SplittableRandom r, int rows, int cols) {
    Scheme s = packing.scheme();
    byte[] codes = new byte[rows * Math.ceilDiv(cols * s.codeBits(), 8)];
    byte[] scales = new byte[rows * Math.ceilDiv(cols, s.groupSize())];
    r.nextBytes(codes);
    r.nextBytes(scales);
    TensorScale ts = new TensorScale(packing.tensorScaleKind(), 0.37f);
    return new QuantizedMatrix(
        s, rows, cols, MemorySegment.ofArray(codes), MemorySegment.ofArray(scales), ts);
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
