package io.metalmarlin.runtime.cpu;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.metalmarlin.formats.scheme.ColumnScaled;
import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.TrellisMatrix;
import io.metalmarlin.formats.scheme.TrellisScheme;
import io.metalmarlin.formats.scheme.codebook.CodebookScheme;
import io.metalmarlin.runtime.model.StoredMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Matrices of integers and small floats with random codes, in widths that hit every tail.
final class PackedMatrices {
  private static final Set<ScaleType> UNSIGNED = Set.of(ScaleType.E8M0, ScaleType.E4M3);

  private PackedMatrices() {}

  static Stream<StoredMatrix> all(int rows, int[] widths) {
    List<GroupScheme> schemes = new ArrayList<>();
    for (Zero zero : Zero.values()) {
      for (int bits = 2; bits <= 8; bits++) {
        schemes.add(new IntScheme(bits, 32, ScaleType.F16, zero));
      }
      schemes.add(new IntScheme(2, 16, ScaleType.F32, zero));
      schemes.add(new IntScheme(4, 16, ScaleType.F32, zero));
      schemes.add(new IntScheme(4, 64, ScaleType.BF16, zero));
      schemes.add(new IntScheme(4, 128, ScaleType.BF16, zero));
      schemes.add(new IntScheme(8, 128, ScaleType.F16, zero));
      schemes.add(new IntScheme(4, 256, ScaleType.BF16, zero));
      schemes.add(new IntScheme(4, GroupScheme.WHOLE, ScaleType.BF16, zero));
      schemes.add(new IntScheme(8, GroupScheme.WHOLE, ScaleType.F32, zero));
    }
    for (int bits = 2; bits <= 4; bits++) {
      schemes.add(new CodebookScheme(bits, 32, ScaleType.F16));
      schemes.add(new CodebookScheme(bits, 64, ScaleType.BF16));
      schemes.add(new CodebookScheme(bits, GroupScheme.WHOLE, ScaleType.F32));
    }
    schemes.add(FloatScheme.MXFP4);
    schemes.add(FloatScheme.MXFP8);
    schemes.add(new FloatScheme(FloatScheme.Element.E4M3, 128, 128, ScaleType.F32));
    schemes.add(
        new FloatScheme(
            FloatScheme.Element.E4M3, GroupScheme.WHOLE, GroupScheme.WHOLE, ScaleType.BF16));
    return Arrays.stream(widths)
        .boxed()
        .flatMap(cols ->
            Stream.concat(
                    schemes.stream().map(s -> matrix(s, rows, cols, null)),
                    Stream.of(
                        permuted(rows, cols),
                        scaled(rows, cols),
                        trellis(2, rows, cols),
                        trellis(3, rows, cols),
                        trellis(4, rows, cols)))
                .map(m -> new StoredMatrix.Packed(m, Optional.empty())));
  }

  private static PackedMatrix permuted(int rows, int cols) {
    MemorySegment index = Arena.ofAuto().allocate(4L * cols, 4);
    IntScheme scheme = new IntScheme(4, 32, ScaleType.F16, Zero.POINT);
    for (int c = 0; c < cols; c++) {
      index.setAtIndex(JAVA_INT, c, (c * 7 + 3) % Math.ceilDiv(cols, Math.min(cols, 32)));
    }
    return matrix(scheme, rows, cols, index);
  }

  private static PackedMatrix trellis(int bits, int rows, int cols) {
    TrellisScheme scheme = new TrellisScheme(bits, 32, ScaleType.F16);
    return new TrellisMatrix(scheme, matrix(scheme.symbols(), rows, cols, null));
  }

  private static PackedMatrix scaled(int rows, int cols) {
    float[] factors = new float[cols];
    for (int c = 0; c < cols; c++) {
      factors[c] = .5f + c % 5;
    }
    return new ColumnScaled(
        matrix(new IntScheme(4, 64, ScaleType.F32, Zero.NONE), rows, cols, null), factors);
  }

  static QuantizedMatrix matrix(
      GroupScheme scheme, int rows, int cols, @Nullable MemorySegment index) {
    SplittableRandom random = new SplittableRandom(cols + scheme.codeBits());
    long zeros = QuantizedMatrix.zeroBytes(scheme, rows, cols);
    QuantizedMatrix m =
        new QuantizedMatrix(
            scheme,
            rows,
            cols,
            memory(QuantizedMatrix.codeBytes(scheme, rows, cols)),
            memory(QuantizedMatrix.scaleBytes(scheme, rows, cols)),
            TensorScale.NONE,
            zeros == 0 ? null : memory(zeros),
            index);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        // The last code of E4M3 is no number.
        m.putCode(r, c, random.nextInt((1 << scheme.codeBits()) - 1) % 127);
      }
      for (int g = 0; g < m.groups(); g++) {
        float size = (float) (Math.exp(random.nextGaussian()) / (1 << scheme.codeBits()));
        boolean positive = random.nextBoolean() || UNSIGNED.contains(scheme.scaleType());
        int zero =
            scheme.zero() == Zero.POINT
                ? random.nextInt(1 << scheme.codeBits())
                : scheme.scaleType().nearest(Math.abs((float) random.nextGaussian()));
        m.putGroup(r, g, scheme.nearestScale(positive ? size : -size), zero);
      }
    }
    return m;
  }

  private static MemorySegment memory(long bytes) {
    return Arena.ofAuto().allocate(bytes, 64);
  }
}
