package io.metalmarlin.formats.scheme.regrid;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.TensorScale;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The rule does what its two parts do, for every scale there is.
class SymmetricAsBiasTest {
  @ParameterizedTest
  @CsvSource({"F16, 4, 1", "BF16, 4, 1", "F16, 8, 4", "BF16, 2, 8", "F16, 4, 8", "BF16, 8, 4"})
  void isTheMiddleAsAPointAndThatAsABias(ScaleType type, int bits, int groups) {
    IntScheme from = new IntScheme(bits, 32, type, Zero.NONE);
    IntScheme point = new IntScheme(bits, 32, type, Zero.POINT);
    IntScheme to = new IntScheme(bits, 32, type, Zero.BIAS);
    for (int code = 0; code < 1 << 16; code++) {
      QuantizedMatrix m = matrix(from, code, groups);
      Optional<QuantizedMatrix> expected =
          new SymmetricAsPoint()
              .apply(m, point, SymmetricAsBiasTest::memory)
              .flatMap(p -> new PointAsBias().apply(p, to, SymmetricAsBiasTest::memory));
      Optional<QuantizedMatrix> actual =
          new SymmetricAsBias().apply(m, to, SymmetricAsBiasTest::memory);
      assertThat(actual.isPresent()).as("scale 0x%04x", code).isEqualTo(expected.isPresent());
      if (actual.isPresent()) {
        QuantizedMatrix a = actual.get();
        QuantizedMatrix e = expected.get();
        assertThat(a.scales().mismatch(e.scales())).isEqualTo(-1);
        assertThat(a.zeros().mismatch(e.zeros())).as("scale 0x%04x", code).isEqualTo(-1);
      }
    }
  }

  /// One scale among others, which are 1 and -1.
  private static QuantizedMatrix matrix(IntScheme scheme, int scale, int groups) {
    MemorySegment codes = memory(QuantizedMatrix.codeBytes(scheme, 1, 32 * groups), 1);
    MemorySegment scales = memory(2 * groups, 1);
    for (int i = 0; i < groups; i++) {
      ScaleType type = scheme.scaleType();
      type.put(scales, i, i == scale % groups ? scale : type.nearest(i % 2 == 0 ? 1 : -1));
    }
    return new QuantizedMatrix(scheme, 1, 32 * groups, codes, scales, TensorScale.NONE);
  }

  private static MemorySegment memory(long bytes, long alignment) {
    return MemorySegment.ofArray(new byte[(int) bytes]);
  }
}
