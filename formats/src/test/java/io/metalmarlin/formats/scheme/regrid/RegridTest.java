package io.metalmarlin.formats.scheme.regrid;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.Sparse24Matrix;
import io.metalmarlin.formats.scheme.Sparse24Scheme;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

/// Every rule carries random matrices value for value, and refuses those it would change.
class RegridTest {
  private static final int ROWS = 4;
  private static final int COLS = 128;
  private final SplittableRandom random = new SplittableRandom(7);

  @Test
  void bf16ScalesFitIntoF32Always() {
    for (int bits = 2; bits <= 8; bits++) {
      IntScheme from = ints(bits, 32, ScaleType.BF16, Zero.POINT);
      IntScheme to = ints(bits, 32, ScaleType.F32, Zero.POINT);
      assertThat(Regrid.always(from, to)).isTrue();
      carried(random(from), to);
    }
  }

  @Test
  void f32ScalesFitIntoBf16WhenTheyAreBf16Numbers() {
    IntScheme from = ints(4, 64, ScaleType.F32, Zero.NONE);
    IntScheme to = ints(4, 64, ScaleType.BF16, Zero.NONE);
    QuantizedMatrix m = random(from, i -> Float.floatToRawIntBits(i / 64f));
    carried(m, to);
    ScaleType.F32.put(m.scales(), 3, Float.floatToRawIntBits(0.1f));
    refused(m, to);
  }

  @Test
  void bf16ScalesFitIntoF16UnlessTheyLieOutsideItsRange() {
    IntScheme from = ints(4, 64, ScaleType.BF16, Zero.NONE);
    IntScheme to = ints(4, 64, ScaleType.F16, Zero.NONE);
    QuantizedMatrix m = random(from, i -> ScaleType.BF16.nearest(0.01f + i * 0.001f));
    carried(m, to);
    ScaleType.BF16.put(m.scales(), 0, ScaleType.BF16.nearest(1e-7f));
    refused(m, to);
  }

  @Test
  void infiniteScaleIsCarriedNowhere() {
    IntScheme from = ints(4, 64, ScaleType.F16, Zero.NONE);
    QuantizedMatrix m = random(from);
    ScaleType.F16.put(m.scales(), 0, 0x7c00);
    refused(m, ints(4, 64, ScaleType.F32, Zero.NONE));
  }

  @Test
  void symmetricIntegersHaveTheMiddleAsZeroPoint() {
    for (int bits = 2; bits <= 8; bits++) {
      IntScheme from = ints(bits, 32, ScaleType.F16, Zero.NONE);
      IntScheme to = ints(bits, 32, ScaleType.F16, Zero.POINT);
      assertThat(Regrid.always(from, to)).isTrue();
      QuantizedMatrix m = random(from);
      carried(carried(m, to), from);
    }
  }

  @Test
  void oneZeroPointBesideTheMiddleIsNotSymmetric() {
    IntScheme from = ints(4, 32, ScaleType.F16, Zero.POINT);
    QuantizedMatrix m = random(from);
    m.zeros().fill((byte) 8);
    carried(m, ints(4, 32, ScaleType.F16, Zero.NONE));
    m.zeros().set(ValueLayout.JAVA_BYTE, 5, (byte) 7);
    refused(m, ints(4, 32, ScaleType.F16, Zero.NONE));
  }

  @Test
  void symmetricIntegersAreAffineWhereTheBiasIsAPowerOfTwoTimesTheScale() {
    for (int bits = 2; bits <= 8; bits++) {
      IntScheme from = ints(bits, 64, ScaleType.BF16, Zero.NONE);
      IntScheme to = ints(bits, 64, ScaleType.BF16, Zero.BIAS);
      QuantizedMatrix m = random(from, i -> ScaleType.BF16.nearest(-0.02f + 0.003f * i));
      carried(carried(m, to), from);
    }
  }

  @Test
  void zeroPointsAreBiasesWhereTheScaleTypeHasTheProduct() {
    IntScheme from = ints(4, 64, ScaleType.F16, Zero.POINT);
    IntScheme to = ints(4, 64, ScaleType.F16, Zero.BIAS);
    // Seven bits of significand leave room for the four of a zero point.
    QuantizedMatrix m = random(from, i -> ScaleType.F16.nearest((64 + i) / 1024f));
    carried(carried(m, to), from);
    ScaleType.F16.put(m.scales(), 0, 0x2fff);
    m.zeros().set(ValueLayout.JAVA_BYTE, 0, (byte) 11);
    refused(m, to);
  }

  @Test
  void biasBetweenTwoCodesIsNoZeroPoint() {
    IntScheme from = ints(4, 64, ScaleType.F32, Zero.BIAS);
    IntScheme to = ints(4, 64, ScaleType.F32, Zero.POINT);
    QuantizedMatrix m = random(from, i -> Float.floatToRawIntBits(0.5f));
    m.zeros().fill((byte) 0);
    carried(m, to);
    ScaleType.F32.put(m.zeros(), 0, Float.floatToRawIntBits(-0.75f));
    refused(m, to);
  }

  @Test
  void affineOfFullF32ScalesIsRefusedBecauseItRoundsTwice() {
    IntScheme from = ints(8, 64, ScaleType.F32, Zero.POINT);
    QuantizedMatrix m = random(from, i -> Float.floatToRawIntBits(0.1f));
    refused(m, ints(8, 64, ScaleType.F32, Zero.BIAS));
  }

  @Test
  void groupsAreSplitByRepeatingTheirScale() {
    IntScheme from = ints(4, 64, ScaleType.F16, Zero.POINT);
    IntScheme to = ints(4, 32, ScaleType.F16, Zero.POINT);
    assertThat(Regrid.always(from, to)).isTrue();
    carried(random(from), to);
    assertThat(Regrid.always(to, from)).isFalse();
    refused(random(to), from);
  }

  @Test
  void oneGroupPerRowIsAGroupOfTheRowsLength() {
    IntScheme channel = ints(4, GroupScheme.WHOLE, ScaleType.F16, Zero.NONE);
    IntScheme number = ints(4, COLS, ScaleType.F16, Zero.NONE);
    carried(random(channel), number);
    carried(random(number), channel);
    carried(random(channel), ints(4, 32, ScaleType.F16, Zero.NONE));
  }

  @Test
  void tensorWideFp8ScaleIsRepeatedForEveryRow() {
    FloatScheme.Element e = FloatScheme.Element.E4M3;
    FloatScheme tensor = new FloatScheme(e, GroupScheme.WHOLE, GroupScheme.WHOLE, ScaleType.F32);
    FloatScheme channel = new FloatScheme(e, 1, GroupScheme.WHOLE, ScaleType.F32);
    assertThat(Regrid.always(tensor, channel)).isTrue();
    QuantizedMatrix m = random(tensor);
    for (long i = 0; i < m.codes().byteSize(); i++) {
      m.codes().set(ValueLayout.JAVA_BYTE, i, (byte) (i % 0x70));
    }
    carried(m, channel);
  }

  @Test
  void singleLevelNvfp4HasTheNeutralTensorScale() {
    assertThat(Regrid.always(Nvfp4Scheme.SINGLE_LEVEL, Nvfp4Scheme.INSTANCE)).isTrue();
    QuantizedMatrix m = random(Nvfp4Scheme.SINGLE_LEVEL);
    QuantizedMatrix two = carried(m, Nvfp4Scheme.INSTANCE);
    assertThat(two.tensorScale().as(TensorScale.Kind.DIVISOR).value()).isEqualTo(1f);
    assertThat(two.codes().mismatch(m.codes())).isEqualTo(-1);
    assertThat(two.scales().mismatch(m.scales())).isEqualTo(-1);
    carried(two, Nvfp4Scheme.SINGLE_LEVEL);
  }

  @Test
  void tensorScaleFoldsIntoGroupScalesOnlyWhereE4m3HasTheProducts() {
    QuantizedMatrix m = random(Nvfp4Scheme.INSTANCE, i -> 0x40 + i % 16);
    carried(scaled(m, new TensorScale(TensorScale.Kind.DIVISOR, 4f)), Nvfp4Scheme.SINGLE_LEVEL);
    refused(scaled(m, new TensorScale(TensorScale.Kind.DIVISOR, 812f)), Nvfp4Scheme.SINGLE_LEVEL);
    refused(scaled(m, new TensorScale(TensorScale.Kind.DIVISOR, 4096f)), Nvfp4Scheme.SINGLE_LEVEL);
    QuantizedMatrix empty = scaled(m, new TensorScale(TensorScale.Kind.DIVISOR, 4096f));
    empty.codes().fill((byte) 0x80);
    carried(empty, Nvfp4Scheme.SINGLE_LEVEL);
  }

  @Test
  void mxfp4IsNvfp4WhileExponentsLieCloseEnough() {
    QuantizedMatrix m = random(FloatScheme.MXFP4, i -> 110 + i % 16);
    carried(m, Nvfp4Scheme.INSTANCE);
    ScaleType.E8M0.put(m.scales(), 0, 125 - 17);
    carried(m, Nvfp4Scheme.INSTANCE);
    ScaleType.E8M0.put(m.scales(), 0, 125 - 18);
    refused(m, Nvfp4Scheme.INSTANCE);
    m.codes().asSlice(0, 16).fill((byte) 0);
    carried(m, Nvfp4Scheme.INSTANCE);
  }

  /// Projections that run as one must share it.
  @Test
  void mxfp4OfUsualWeightsHasOneTensorScaleAsNvfp4() {
    assertThat(tensorScale(118)).isEqualTo(tensorScale(127)).isEqualTo(0x1p-8f);
    assertThat(tensorScale(128)).isEqualTo(0x1p-7f);
  }

  private float tensorScale(int largest) {
    QuantizedMatrix m = random(FloatScheme.MXFP4, i -> largest - i % 8);
    return ((QuantizedMatrix) exact(m, Nvfp4Scheme.INSTANCE).orElseThrow()).tensorScale().value();
  }

  @Test
  void sparseMatricesAreCarriedByTheirValues() {
    IntScheme from = ints(4, 32, ScaleType.BF16, Zero.NONE);
    IntScheme to = ints(4, 32, ScaleType.F32, Zero.NONE);
    QuantizedMatrix values = random(from);
    MemorySegment patterns =
        MemorySegment.ofArray(new byte[ROWS * Sparse24Matrix.stride(2 * COLS)]);
    Sparse24Matrix m = new Sparse24Matrix(values, patterns);
    carried(m, new Sparse24Scheme(to));
    // Its zeros written out: a code of every symmetric grid stands for zero.
    carried(m, to);
    carried(m, ints(4, 64, ScaleType.BF16, Zero.POINT));
    carried(new Sparse24Matrix(random(Nvfp4Scheme.INSTANCE), patterns), Nvfp4Scheme.INSTANCE);
    refused(m, ints(3, 64, ScaleType.BF16, Zero.NONE));
    IntScheme point = ints(4, 32, ScaleType.BF16, Zero.POINT);
    refused(new Sparse24Matrix(random(point), patterns), point);
  }

  @Test
  void groupIndexThatFollowsTheColumnsIsDroppedAndAnyOtherKept() {
    IntScheme scheme = ints(4, 64, ScaleType.F16, Zero.NONE);
    QuantizedMatrix m = random(scheme);
    int[] natural = new int[COLS];
    for (int i = 0; i < COLS; i++) {
      natural[i] = i / 64;
    }
    assertThat(((QuantizedMatrix) exact(indexed(m, natural), scheme).orElseThrow()).groupIndex())
        .isNull();
    natural[0] = 1;
    carried(indexed(m, natural), scheme);
    carried(indexed(m, natural), ints(4, 64, ScaleType.F32, Zero.POINT));
    refused(indexed(m, natural), ints(4, 32, ScaleType.F16, Zero.NONE));
  }

  @Test
  void codesOfAnotherWidthAreNotReached() {
    assertThat(exact(random(ints(4, 32, ScaleType.F16, Zero.NONE)), FloatScheme.MXFP4)).isEmpty();
    refused(random(ints(4, 32, ScaleType.F16, Zero.NONE)), ints(8, 32, ScaleType.F16, Zero.NONE));
  }

  @Test
  void reciprocalOfAPowerOfTwoChangesNothingAndOfOtherNumbersAtMostThreeUlps() {
    assertThat(TensorScaleChange.ulps(divisor(1024), TensorScale.Kind.MULTIPLIER)).isZero();
    assertThat(TensorScaleChange.ulps(divisor(812), TensorScale.Kind.DIVISOR)).isZero();
    int worst = 0;
    for (int i = 0; i < 500; i++) {
      float value = (float) Math.exp(random.nextDouble(-5, 12));
      worst = Math.max(worst, TensorScaleChange.ulps(divisor(value), TensorScale.Kind.MULTIPLIER));
    }
    assertThat(worst).isBetween(1, 3);
  }

  private static TensorScale divisor(float value) {
    return new TensorScale(TensorScale.Kind.DIVISOR, value);
  }

  private static Optional<PackedMatrix> exact(PackedMatrix m, Scheme to) {
    return Regrid.exact(m, to, RegridTest::dirty);
  }

  /// Memory that is not zero.
  private static MemorySegment dirty(long bytes, long alignment) {
    return Arena.ofAuto().allocate(bytes, alignment).fill((byte) 0x5a);
  }

  private static void refused(PackedMatrix m, GroupScheme to) {
    assertThat(exact(m, to)).isEmpty();
  }

  private static QuantizedMatrix carried(QuantizedMatrix m, GroupScheme to) {
    return (QuantizedMatrix) carried((PackedMatrix) m, to);
  }

  private static PackedMatrix carried(PackedMatrix m, Scheme to) {
    PackedMatrix out = exact(m, to).orElseThrow();
    assertThat(out.scheme()).isEqualTo(to);
    float[] before = new float[m.rows() * m.cols()];
    float[] after = new float[before.length];
    m.decode(0, m.rows(), before);
    out.decode(0, m.rows(), after);
    for (int i = 0; i < before.length; i++) {
      // The sign of a zero is not a value.
      assertThat(after[i] == 0f ? 0f : after[i]).isEqualTo(before[i] == 0f ? 0f : before[i]);
    }
    return out;
  }

  private static IntScheme ints(int bits, int group, ScaleType type, Zero zero) {
    return new IntScheme(bits, group, type, zero);
  }

  private static QuantizedMatrix scaled(QuantizedMatrix m, TensorScale scale) {
    MemorySegment codes = MemorySegment.ofArray(m.codes().toArray(ValueLayout.JAVA_BYTE));
    return new QuantizedMatrix(m.scheme(), m.rows(), m.cols(), codes, m.scales(), scale);
  }

  private static QuantizedMatrix indexed(QuantizedMatrix m, int[] index) {
    MemorySegment bytes = MemorySegment.ofArray(new byte[4 * index.length]);
    for (int i = 0; i < index.length; i++) {
      bytes.set(ValueLayout.JAVA_INT_UNALIGNED, 4L * i, index[i]);
    }
    return new QuantizedMatrix(
        m.scheme(), m.rows(), m.cols(), m.codes(), m.scales(), m.tensorScale(), m.zeros(), bytes);
  }

  private QuantizedMatrix random(GroupScheme s) {
    return random(s, i -> s.nearestScale(0.01f + 0.013f * i));
  }

  /// @param scale code of the i-th group's scale
  private QuantizedMatrix random(GroupScheme s, IntUnaryOperator scale) {
    byte[] codes = new byte[(int) QuantizedMatrix.codeBytes(s, ROWS, COLS)];
    random.nextBytes(codes);
    MemorySegment scales =
        MemorySegment.ofArray(new byte[(int) QuantizedMatrix.scaleBytes(s, ROWS, COLS)]);
    int groups = (int) scales.byteSize() / s.scaleType().bytes();
    MemorySegment zeros = null;
    int zeroBytes = (int) QuantizedMatrix.zeroBytes(s, ROWS, COLS);
    if (zeroBytes > 0) {
      zeros = MemorySegment.ofArray(new byte[zeroBytes]);
    }
    for (int i = 0; i < groups; i++) {
      s.scaleType().put(scales, i, scale.applyAsInt(i));
      if (s.zero() == Zero.POINT) {
        zeros.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt(1 << s.codeBits()));
      } else if (s.zero() == Zero.BIAS) {
        s.scaleType().put(zeros, i, s.nearestScale(-0.3f + 0.07f * i));
      }
    }
    TensorScale second = s.hasTensorScale() ? divisor(3.7f) : TensorScale.NONE;
    return new QuantizedMatrix(
        s, ROWS, COLS, MemorySegment.ofArray(codes), scales, second, zeros, null);
  }

  @Test
  void everyRuleIsExercised() {
    assertThat(List.copyOf(Regrid.RULES)).hasSize(10);
  }
}
