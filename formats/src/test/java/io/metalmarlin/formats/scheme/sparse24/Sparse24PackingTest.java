package io.metalmarlin.formats.scheme.sparse24;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Packings;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.Sparse24Matrix;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class Sparse24PackingTest {
  static final List<Sparse24Packing> PACKINGS =
      Packings.ALL.stream()
          .filter(Sparse24Packing.class::isInstance)
          .map(Sparse24Packing.class::cast)
          .toList();

  private static final IntScheme CHANNEL =
      new IntScheme(4, GroupScheme.WHOLE, ScaleType.BF16, Zero.NONE);

  /// The example of `docs/formats/sparse24.md`, worked out there by hand.
  @Test
  void decodes_the_worked_example_of_its_specification() {
    Sparse24Packing packing = new Sparse24Packing(CHANNEL);
    List<MemorySegment> planes = List.of(segment("f14b6a8c"), segment("a808"), segment("003f"));
    float[] row = new float[16];
    packing.decode(planes, 1, 16).decode(0, 1, row);
    assertThat(row).containsExactly(-3.5f, 3.5f, 0, 0, 0, 0, 1.5f, -2f, 0, 1f, -1f, 0, 0, 2f, 0, 0);
  }

  @Test
  void decodes_nvfp4_values_under_their_group_scale_and_the_divisor() {
    // Patterns 0 1 2 3 4 5 0 1 are the bits 001 000 101 100 011 010 001 000, last quad first.
    Sparse24Packing packing = new Sparse24Packing(Nvfp4Scheme.INSTANCE);
    List<MemorySegment> planes =
        List.of(segment("1032547698badcfe"), segment("88c622"), segment("40"), segment("00000041"));
    float[] row = new float[32];
    packing.decode(planes, 1, 32).decode(0, 1, row);
    float[] expected = new float[32];
    float[] grid = {0, .5f, 1, 1.5f, 2, 3, 4, 6, -0f, -.5f, -1, -1.5f, -2, -3, -4, -6};
    int[][] kept = {{0, 1}, {0, 2}, {1, 2}, {0, 3}, {1, 3}, {2, 3}, {0, 1}, {0, 2}};
    for (int quad = 0; quad < 8; quad++) {
      for (int i = 0; i < 2; i++) {
        // Group scale 2 (0x40), divided by 8. Codes of a byte: low nibble first.
        expected[4 * quad + kept[quad][i]] = grid[2 * quad + i] * .25f;
      }
    }
    assertThat(row).containsExactly(expected);
  }

  @ParameterizedTest
  @FieldSource("PACKINGS")
  void every_pattern_at_every_place_decodes_to_its_two_columns(Sparse24Packing packing) {
    int cols = 4 * Math.max(32, packing.scheme().columnMultiple());
    int stride = Sparse24Matrix.stride(cols);
    List<MemorySegment> planes = zeros(packing, 6, cols);
    // Code 7: 6 on the E2M1 grid, -1 as an integer; 0x4000 or 0x40 a positive scale.
    planes.get(0).fill((byte) 0x77);
    planes.get(2).fill((byte) 0x40);
    if (planes.size() > 3) {
      planes.get(3).copyFrom(segment("0000803f"));
    }
    for (int row = 0; row < 6; row++) {
      for (int quad = 0; quad < cols / 4; quad++) {
        put(planes.get(1), row * stride, quad, (row + quad) % 6);
      }
    }
    float[] all = new float[6 * cols];
    packing.decode(planes, 6, cols).decode(0, 6, all);
    int[] masks = {0b0011, 0b0101, 0b0110, 0b1001, 0b1010, 0b1100};
    for (int row = 0; row < 6; row++) {
      for (int col = 0; col < cols; col++) {
        boolean kept = (masks[(row + col / 4) % 6] >> col % 4 & 1) == 1;
        assertThat(all[row * cols + col] != 0).as("row %d, column %d", row, col).isEqualTo(kept);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0,0,6", "0,15,7", "3,9,6", "5,31,7", "2,10,7"})
  void an_index_that_is_no_pattern_is_refused_with_its_place(int row, int quad, int index) {
    Sparse24Packing packing = new Sparse24Packing(Nvfp4Scheme.INSTANCE);
    List<MemorySegment> planes = zeros(packing, 6, 128);
    planes.get(3).copyFrom(segment("0000803f"));
    put(planes.get(1), row * Sparse24Matrix.stride(128), quad, index);
    assertThatThrownBy(() -> packing.decode(planes, 6, 128))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.TENSOR_MISMATCH);
              assertThat(e.where()).isEqualTo("weight_pattern");
              assertThat(e.getMessage())
                  .contains("row %d, quad %d ".formatted(row, quad))
                  .contains("pattern index " + index);
            });
  }

  @Test
  void bits_behind_the_last_pattern_of_a_row_are_refused() {
    Sparse24Packing packing = new Sparse24Packing(CHANNEL);
    List<MemorySegment> planes = zeros(packing, 2, 36);
    // 9 patterns are 27 bits; bit 27 is the first behind them.
    planes.get(1).set(JAVA_BYTE, 4 + 3, (byte) 0x08);
    assertThatThrownBy(() -> packing.decode(planes, 2, 36))
        .isInstanceOf(MarlinException.class)
        .hasMessageContaining("row 1 has bits behind its last pattern");
  }

  @ParameterizedTest
  @ValueSource(strings = {"00000000", "000080bf", "0000807f", "0000c07f"})
  void a_tensor_scale_that_is_not_positive_and_finite_is_refused(String bits) {
    Sparse24Packing packing = new Sparse24Packing(Nvfp4Scheme.INSTANCE);
    List<MemorySegment> planes = zeros(packing, 1, 32);
    planes.get(3).copyFrom(segment(bits));
    assertThatThrownBy(() -> packing.decode(planes, 1, 32))
        .isInstanceOfSatisfying(
            MarlinException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NON_FINITE));
  }

  @ParameterizedTest
  @CsvSource({"nvfp4,48", "int4-g32-f16,32", "int4-g64-bf16,64", "int4-channel-bf16,30"})
  void a_width_of_broken_groups_or_patterns_is_refused(String values, int cols) {
    Sparse24Packing packing =
        PACKINGS.stream().filter(p -> p.values().name().equals(values)).findFirst().orElseThrow();
    assertThatThrownBy(() -> packing.planes(4, cols))
        .isInstanceOfSatisfying(
            MarlinException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_DIVISIBLE));
  }

  @Test
  void values_that_it_has_no_form_for_are_refused() {
    for (GroupScheme values :
        List.of(
            Nvfp4Scheme.SINGLE_LEVEL,
            new IntScheme(8, 32, ScaleType.F16, Zero.NONE),
            new IntScheme(4, 32, ScaleType.F16, Zero.POINT))) {
      assertThat(Sparse24Packing.holds(values)).isFalse();
      assertThatThrownBy(() -> new Sparse24Packing(values))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  /// The figures of the specification: 1.45x without scales, and the bits of each grid with them.
  @ParameterizedTest
  @CsvSource({"nvfp4,3.0", "int4-g32-f16,3.0", "int4-g64-bf16,2.875", "int4-g128-f32,2.875"})
  void a_weight_takes_the_bits_of_the_specification(String values, double bits) {
    Sparse24Packing packing =
        PACKINGS.stream().filter(p -> p.values().name().equals(values)).findFirst().orElseThrow();
    int rows = 1024;
    int cols = 4096;
    long bytes = 0;
    for (Plane p : packing.planes(rows, cols)) {
      bytes += p.tensor("m").byteSize();
    }
    double measured = 8.0 * bytes / rows / cols;
    assertThat(measured).isCloseTo(bits, within(1e-5));
    assertThat(packing.scheme().bitsPerWeight(rows, cols)).isCloseTo(measured, within(1e-9));
    // Codes and patterns alone: 2 bits and 3/4 bit of 4.
    long plain = packing.planes(rows, cols).get(0).tensor("m").byteSize();
    plain += packing.planes(rows, cols).get(1).tensor("m").byteSize();
    assertThat(4.0 * rows * cols / 8 / plain).isCloseTo(16 / 11.0, within(1e-12));
  }

  private static List<MemorySegment> zeros(Sparse24Packing packing, int rows, int cols) {
    return packing.planes(rows, cols).stream()
        .map(p -> MemorySegment.ofArray(new byte[(int) p.tensor("m").byteSize()]))
        .toList();
  }

  private static void put(MemorySegment plane, long base, int quad, int index) {
    for (int bit = 0; bit < 3; bit++) {
      long at = base + (3 * quad + bit) / 8;
      int set = (index >> bit & 1) << (3 * quad + bit) % 8;
      plane.set(JAVA_BYTE, at, (byte) (plane.get(JAVA_BYTE, at) | set));
    }
  }

  private static MemorySegment segment(String hex) {
    return MemorySegment.ofArray(HexFormat.of().parseHex(hex));
  }
}
