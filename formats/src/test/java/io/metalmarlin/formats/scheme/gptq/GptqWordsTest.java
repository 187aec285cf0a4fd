package io.metalmarlin.formats.scheme.gptq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.gptq.GptqPacking.Index;
import io.metalmarlin.formats.scheme.gptq.GptqPacking.Version;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Words of GPTQ and AWQ made by hand, and a naive decoder that reads planes bit by bit.
class GptqWordsTest {
  private static final short ONE = Float.floatToFloat16(1f);

  private static IntScheme scheme(int bits, int group, Zero zero) {
    return new IntScheme(bits, group, ScaleType.F16, zero);
  }

  private static GptqPacking gptq(int bits, int group, Zero zero, Version version) {
    return new GptqPacking(scheme(bits, group, zero), version, Index.RUNS);
  }

  private static List<MemorySegment> planes(GroupPacking packing, int rows, int cols) {
    return packing.planes(rows, cols).stream()
        .map(p -> MemorySegment.ofArray(new byte[(int) p.tensor("m").byteSize()]))
        .toList();
  }

  private static int word(MemorySegment plane, int index) {
    return plane.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * index);
  }

  private static void setWord(MemorySegment plane, int index, int word) {
    plane.set(ValueLayout.JAVA_INT_UNALIGNED, 4L * index, word);
  }

  private static void ones(MemorySegment scales) {
    for (long i = 0; i < scales.byteSize() / 2; i++) {
      scales.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2 * i, ONE);
    }
  }

  /// Of a `rows x cols` matrix of that code everywhere.
  private static QuantizedMatrix filled(IntScheme s, int rows, int cols, int code, int zero) {
    boolean symmetric = s.zero() == Zero.NONE;
    QuantizedMatrix m =
        new QuantizedMatrix(
            s,
            rows,
            cols,
            bytes(QuantizedMatrix.codeBytes(s, rows, cols)),
            bytes(QuantizedMatrix.scaleBytes(s, rows, cols)),
            TensorScale.NONE,
            symmetric ? null : bytes(QuantizedMatrix.zeroBytes(s, rows, cols)),
            null);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        m.putCode(r, c, code);
      }
      for (int g = 0; g < m.groups(); g++) {
        m.putGroup(r, g, ONE, zero);
      }
    }
    return m;
  }

  private static MemorySegment bytes(long count) {
    return MemorySegment.ofArray(new byte[(int) count]);
  }

  @ParameterizedTest
  @CsvSource({
    "V1, 4, 77777777",
    "V2, 4, 88888888",
    "V1, 8, 7f7f7f7f",
    "V2, 8, 80808080",
    "V1, 2, 55555555",
    "V2, 2, aaaaaaaa",
    "V1, 3, db6db6db",
    "V2, 3, 24924924",
  })
  void symmetric_zero_points_are_the_middle_less_one_in_version_1(
      Version version, int bits, String words) {
    GptqPacking packing = gptq(bits, 32, Zero.NONE, version);
    List<MemorySegment> planes = planes(packing, 32, 32);
    packing.encode(filled(packing.scheme(), 32, 32, 1, 0), planes);
    assertThat(String.format("%08x", word(planes.get(1), 0))).isEqualTo(words);
  }

  @Test
  void four_bits_lie_along_the_input_lowest_first() {
    GptqPacking packing = gptq(4, 8, Zero.POINT, Version.V2);
    List<MemorySegment> planes = planes(packing, 8, 8);
    ones(planes.get(2));
    setWord(planes.get(0), 3, 0x76543210);
    float[] out = new float[8];
    packing.decode(planes, 8, 8).decode(3, 4, out);
    assertThat(out).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
  }

  @Test
  void codes_10_and_21_of_three_bits_straddle_words() {
    GptqPacking packing = gptq(3, 32, Zero.POINT, Version.V2);
    List<MemorySegment> planes = planes(packing, 32, 32);
    ones(planes.get(2));
    // Code 10 is the bits 30 to 32 of the stream, code 21 the bits 63 to 65.
    setWord(planes.get(0), 0, 0b11 << 30);
    setWord(planes.get(0), 32, 1 | 1 << 31);
    setWord(planes.get(0), 64, 0b10);
    float[] out = new float[32];
    packing.decode(planes, 32, 32).decode(0, 1, out);
    float[] want = new float[32];
    want[10] = 7;
    want[21] = 5;
    assertThat(out).containsExactly(want);
  }

  @Test
  void version_1_reads_a_stored_15_as_16() {
    GptqPacking packing = gptq(4, 8, Zero.POINT, Version.V1);
    List<MemorySegment> planes = planes(packing, 8, 8);
    ones(planes.get(2));
    setWord(planes.get(1), 0, 0x0000000f);
    QuantizedMatrix m = packing.decode(planes, 8, 8);
    assertThat(m.zeroPoint(0, 0)).isEqualTo(16);
    assertThat(m.zeroPoint(1, 0)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 17})
  void version_1_stores_the_zero_points_1_to_16_only(int zero) {
    GptqPacking packing = gptq(4, 8, Zero.POINT, Version.V1);
    refused(
        ErrorCode.TARGET_CANNOT,
        () -> packing.encode(filled(packing.scheme(), 8, 8, 1, zero), planes(packing, 8, 8)),
        "is " + zero,
        "1 to 16");
  }

  @Test
  void awq_puts_the_outputs_0_2_4_6_1_3_5_7_into_a_word() {
    AwqPacking packing = new AwqPacking(scheme(4, 8, Zero.POINT));
    QuantizedMatrix m = filled(packing.scheme(), 8, 8, 0, 0);
    for (int output = 0; output < 8; output++) {
      m.putCode(output, 0, output);
      m.putGroup(output, 0, ONE, output + 8);
    }
    List<MemorySegment> planes = planes(packing, 8, 8);
    packing.encode(m, planes);
    assertThat(word(planes.get(0), 0)).isEqualTo(0x75316420);
    assertThat(word(planes.get(1), 0)).isEqualTo(0xfdb9eca8);
  }

  @Test
  void awq_stores_8_for_a_symmetric_matrix_and_no_16() {
    AwqPacking symmetric = new AwqPacking(scheme(4, 8, Zero.NONE));
    List<MemorySegment> planes = planes(symmetric, 8, 8);
    symmetric.encode(filled(symmetric.scheme(), 8, 8, 1, 0), planes);
    assertThat(word(planes.get(1), 0)).isEqualTo(0x88888888);
    AwqPacking points = new AwqPacking(scheme(4, 8, Zero.POINT));
    refused(
        ErrorCode.TARGET_CANNOT,
        () -> points.encode(filled(points.scheme(), 8, 8, 1, 16), planes(points, 8, 8)),
        "0 to 15");
  }

  @Test
  void a_symmetric_pack_with_other_zero_points_is_refused() {
    GptqPacking packing = gptq(4, 8, Zero.NONE, Version.V1);
    List<MemorySegment> planes = planes(packing, 8, 8);
    setWord(planes.get(1), 0, 0x77677777);
    refused(
        ErrorCode.TENSOR_MISMATCH,
        () -> packing.decode(planes, 8, 8),
        "zero point 7",
        "output 5",
        "symmetric");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 2, Integer.MIN_VALUE})
  void a_group_that_does_not_exist_is_refused(int group) {
    GptqPacking packing = gptq(4, 8, Zero.POINT, Version.V1);
    List<MemorySegment> planes = planes(packing, 8, 16);
    setWord(planes.get(3), 5, group);
    refused(
        ErrorCode.TENSOR_MISMATCH,
        () -> packing.decode(planes, 8, 16),
        "input 5",
        "group " + group,
        "0 to 1");
  }

  @ParameterizedTest
  @CsvSource({
    "2, 16, 144, 80",
    "3, 32, 160, 96",
    "4, 32, 288, 1032",
    "8, 16, 80, 68",
    "4, 0, 136, 200",
    "3, 0, 96, 32"
  })
  void planes_read_bit_by_bit_give_the_same_weights(int bits, int group, int cols, int rows) {
    int size = group == 0 ? GroupScheme.WHOLE : group;
    SplittableRandom random = new SplittableRandom(bits * 31L + cols);
    for (Version version : Version.values()) {
      GptqPacking packing =
          new GptqPacking(scheme(bits, size, Zero.POINT), version, Index.ACT_ORDER);
      List<MemorySegment> planes = planes(packing, rows, cols);
      int groups = cols / Math.min(cols, size);
      fill(planes.get(0), random);
      fill(planes.get(1), random);
      if (bits == 8 && version == Version.V1) {
        planes.get(1).fill((byte) 0x41);
      }
      scales(planes.get(2), random);
      for (int c = 0; c < cols; c++) {
        setWord(planes.get(3), c, random.nextInt(groups));
      }
      int added = version == Version.V1 ? 1 : 0;
      BigInteger[] zeros = new BigInteger[groups];
      for (int g = 0; g < groups; g++) {
        zeros[g] = stream(planes.get(1), g * (rows * bits / 32), rows * bits / 32, 1);
      }
      float[] ours = new float[rows * cols];
      QuantizedMatrix m = packing.decode(planes, rows, cols);
      m.decode(0, rows, ours);
      for (int r = 0; r < rows; r++) {
        BigInteger codes = stream(planes.get(0), r, cols * bits / 32, rows);
        for (int c = 0; c < cols; c++) {
          int g = word(planes.get(3), c);
          float scale =
              Float.float16ToFloat(
                  planes.get(2).get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * (g * rows + r)));
          float want = (field(codes, c, bits) - (field(zeros[g], r, bits) + added)) * scale;
          assertThat(ours[r * cols + c]).isEqualTo(want);
        }
      }
      List<MemorySegment> again = planes(packing, rows, cols);
      packing.encode(m, again);
      for (int i = 0; i < planes.size(); i++) {
        assertThat(again.get(i).mismatch(planes.get(i))).as("plane %d", i).isEqualTo(-1);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"8, 8, 8", "32, 160, 1032", "16, 400, 136", "0, 264, 272"})
  void awq_planes_read_nibble_by_nibble_give_the_same_weights(int group, int cols, int rows) {
    int size = group == 0 ? GroupScheme.WHOLE : group;
    SplittableRandom random = new SplittableRandom(cols);
    AwqPacking packing = new AwqPacking(scheme(4, size, Zero.POINT));
    List<MemorySegment> planes = planes(packing, rows, cols);
    fill(planes.get(0), random);
    fill(planes.get(1), random);
    scales(planes.get(2), random);
    QuantizedMatrix m = packing.decode(planes, rows, cols);
    float[] ours = new float[rows * cols];
    m.decode(0, rows, ours);
    int[] nibbleOfOutput = {0, 4, 1, 5, 2, 6, 3, 7};
    for (int r = 0; r < rows; r++) {
      int shift = 4 * nibbleOfOutput[r % 8];
      for (int c = 0; c < cols; c++) {
        int g = c / Math.min(cols, size);
        int code = word(planes.get(0), c * (rows / 8) + r / 8) >>> shift & 15;
        int zero = word(planes.get(1), g * (rows / 8) + r / 8) >>> shift & 15;
        float scale =
            Float.float16ToFloat(
                planes.get(2).get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * (g * rows + r)));
        assertThat(ours[r * cols + c]).isEqualTo((code - zero) * scale);
      }
    }
    List<MemorySegment> again = planes(packing, rows, cols);
    packing.encode(m, again);
    assertThat(again.get(0).mismatch(planes.get(0))).isEqualTo(-1);
    assertThat(again.get(1).mismatch(planes.get(1))).isEqualTo(-1);
  }

  /// The bits of every `step`-th word from a first one on, as one number.
  private static BigInteger stream(MemorySegment plane, int first, int words, int step) {
    BigInteger all = BigInteger.ZERO;
    for (int w = 0; w < words; w++) {
      long word = word(plane, first + w * step) & 0xffff_ffffL;
      all = all.or(BigInteger.valueOf(word).shiftLeft(32 * w));
    }
    return all;
  }

  private static int field(BigInteger stream, int index, int bits) {
    return stream.shiftRight(index * bits).intValue() & (1 << bits) - 1;
  }

  private static void fill(MemorySegment plane, SplittableRandom random) {
    for (long i = 0; i < plane.byteSize(); i++) {
      plane.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
    }
  }

  private static void scales(MemorySegment plane, SplittableRandom random) {
    for (long i = 0; i < plane.byteSize() / 2; i++) {
      plane.set(
          ValueLayout.JAVA_SHORT_UNALIGNED,
          2 * i,
          Float.floatToFloat16((float) random.nextDouble(0.001, 0.1)));
    }
  }

  private static void refused(ErrorCode code, Runnable action, String... words) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(MarlinException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContainingAll(words);
  }
}
