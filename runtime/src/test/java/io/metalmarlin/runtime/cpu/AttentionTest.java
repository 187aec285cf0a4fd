package io.metalmarlin.runtime.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.Sequences;
import java.util.List;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Attention of the fast backend against the definition, for lengths around the tile and head
/// widths around the vector.
class AttentionTest {
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1, 16",
    "1, 4, 2, 1, 8",
    "2, 5, 4, 2, 6",
    "3, 64, 4, 4, 16",
    "2, 65, 6, 2, 20",
    "1, 130, 3, 1, 64",
    "4, 63, 2, 1, 128"
  })
  void prefill_equals_the_definition(int count, int length, int heads, int kvHeads, int headDim) {
    ModelSpec.Attention spec = spec(heads, kvHeads, headDim);
    int rows = count * length;
    try (CpuBackend backend = new CpuBackend(2);
        CpuTensor q = random(rows, heads * headDim, 1);
        CpuTensor k = random(rows, kvHeads * headDim, 2);
        CpuTensor v = random(rows, kvHeads * headDim, 3);
        CpuTensor out = CpuTensor.allocate(rows, heads * headDim)) {
      backend.attention(spec, 0, q, k, v, Sequences.fresh(count, length), null, out);
      float[] expected = naive(spec, count, length, q, k, v);
      assertThat(Memory.array(out.data(), expected.length))
          .containsExactly(expected, Offset.offset(2e-6f));
    }
  }

  private static float[] naive(
      ModelSpec.Attention a, int count, int length, CpuTensor q, CpuTensor k, CpuTensor v) {
    float[] out = new float[count * length * a.heads() * a.headDim()];
    for (int row = 0; row < count * length; row++) {
      for (int h = 0; h < a.heads(); h++) {
        int kvHead = h * a.kvHeads() / a.heads();
        int first = row / length * length;
        double[] p = new double[row - first + 1];
        double sum = 0;
        for (int t = 0; t < p.length; t++) {
          double dot = 0;
          for (int i = 0; i < a.headDim(); i++) {
            dot +=
                (double) at(q, row, h * a.headDim() + i)
                    * at(k, first + t, kvHead * a.headDim() + i);
          }
          p[t] = Math.exp(dot * a.scale());
          sum += p[t];
        }
        for (int i = 0; i < a.headDim(); i++) {
          double y = 0;
          for (int t = 0; t < p.length; t++) {
            y += p[t] / sum * at(v, first + t, kvHead * a.headDim() + i);
          }
          out[(row * a.heads() + h) * a.headDim() + i] = (float) y;
        }
      }
    }
    return out;
  }

  private static float at(CpuTensor t, int row, int col) {
    return t.data().getAtIndex(JAVA_FLOAT, (long) row * t.cols() + col);
  }

  private static CpuTensor random(int rows, int cols, long seed) {
    CpuTensor t = CpuTensor.allocate(rows, cols);
    t.data().copyFrom(Memory.random(rows * cols, seed).asSlice(0, 4L * rows * cols));
    return t;
  }

  private static ModelSpec.Attention spec(int heads, int kvHeads, int headDim) {
    ModelSpec.Linear any = new ModelSpec.Linear(new WeightId(0, Role.Q), 1, 1, false, "qkv", "qkv");
    return new ModelSpec.Attention(
        any,
        any,
        any,
        any,
        heads,
        kvHeads,
        headDim,
        Optional.empty(),
        Optional.empty(),
        new ModelSpec.Rope(List.of(1.0), 1f),
        (float) (1 / Math.sqrt(headDim)));
  }
}
