package io.metalmarlin.runtime.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.TrellisMatrix;
import io.metalmarlin.formats.scheme.TrellisScheme;
import io.metalmarlin.formats.scheme.codebook.CodebookScheme;
import io.metalmarlin.runtime.cpu.kernel.DirectSchemes;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.cpu.simd.CodebookWeights;
import io.metalmarlin.runtime.cpu.simd.TrellisWeights;
import io.metalmarlin.runtime.model.StoredMatrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Codebooks and trellis codes against sums in double precision, over more rows than a tile has,
/// from a row in the middle of a tile on.
class StreamWeightsTest {
  private static final int ROWS = 304;

  @ParameterizedTest
  @CsvSource({"2, 64, 320", "3, 32, 96", "3, 0, 200", "4, 64, 512", "4, 8, 72", "2, 0, 13"})
  void products_are_the_sums(int bits, int groupSize, int cols) {
    int group = groupSize == 0 ? GroupScheme.WHOLE : groupSize;
    CodebookScheme book = new CodebookScheme(bits, group, ScaleType.BF16);
    check(new CodebookWeights(), PackedMatrices.matrix(book, ROWS, cols, null));
    TrellisScheme trellis = new TrellisScheme(bits, group, ScaleType.F16);
    QuantizedMatrix symbols = PackedMatrices.matrix(trellis.symbols(), ROWS, cols, null);
    check(new TrellisWeights(), new TrellisMatrix(trellis, symbols));
  }

  private static void check(WeightKernel kernel, PackedMatrix m) {
    StoredMatrix stored = new StoredMatrix.Packed(m, Optional.empty());
    assertThat(DirectSchemes.any(m.scheme())).isTrue();
    assertThat(CpuKernels.SIMD.weightsFor(stored)).isInstanceOf(kernel.getClass());
    MemorySegment x = Memory.random(m.cols(), 5);
    MemorySegment prepared = Memory.floats(m.cols());
    kernel.prepare(stored, x, 0, prepared);
    MemorySegment out = Memory.floats(ROWS);
    kernel.multiply(stored, 0, 41, prepared, out, 0);
    kernel.multiply(stored, 41, ROWS, prepared, out, 0);
    float[] row = new float[m.cols()];
    for (int r = 0; r < ROWS; r++) {
      m.decode(r, r + 1, row);
      double sum = 0;
      double size = 0;
      for (int c = 0; c < row.length; c++) {
        double product = (double) row[c] * x.getAtIndex(ValueLayout.JAVA_FLOAT, c);
        sum += product;
        size += Math.abs(product);
      }
      assertThat((double) out.getAtIndex(ValueLayout.JAVA_FLOAT, r))
          .as("%s row %d", m.scheme().name(), r)
          .isCloseTo(sum, Offset.offset(1e-6 * size));
    }
  }
}
