package io.metalmarlin.runtime.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.metalmarlin.runtime.model.Alibi;
import io.metalmarlin.runtime.model.Heads;
import io.metalmarlin.runtime.model.Scores;
import io.metalmarlin.runtime.model.Sequences;
import io.metalmarlin.runtime.model.Span;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

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
    Scores plain = Scores.plain((float) (1 / Math.sqrt(headDim)));
    check(count, length, new Heads(heads, kvHeads, headDim, headDim), plain, new float[0]);
  }

  static Stream<Arguments> rules() {
    float[] none = {};
    float[] sinks = {0.3f, -2, 4, 1};
    Optional<Alibi> no = Optional.empty();
    List<Float> slopes = List.of(0.5f, 0.25f, 0.125f, 0.0625f);
    Optional<Alibi> exact = Optional.of(new Alibi(slopes, 1, false));
    Optional<Alibi> rounded =
        Optional.of(new Alibi(List.of(0.7071f, 0.3f, 0.1f, 0.01f), 0.5f, true));
    return Stream.of(
        Arguments.of("window", new Scores(1, 0, Span.window(7), no), none),
        Arguments.of("window of one", new Scores(1, 0, Span.window(1), no), none),
        Arguments.of("chunk", new Scores(1, 0, Span.chunk(48), no), none),
        Arguments.of("softcap", new Scores(1, 2, Span.FULL, no), none),
        Arguments.of("slopes", new Scores(1, 0, Span.FULL, exact), none),
        Arguments.of("rounded slopes", new Scores(1, 0, Span.FULL, rounded), none),
        Arguments.of("sinks", new Scores(1, 0, Span.FULL, no), sinks),
        Arguments.of("all", new Scores(.5f, 3, Span.window(70), exact), sinks));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void every_rule_for_scores_equals_its_definition(String name, Scores scores, float[] sinks) {
    Heads heads = new Heads(4, 2, 12, 20);
    for (int length : new int[] {1, 3, 64, 65, 150}) {
      check(2, length, heads, scores, sinks);
    }
  }

  private static void check(int count, int length, Heads heads, Scores scores, float[] sinks) {
    int rows = count * length;
    for (CpuKernels kernels : CpuKernels.ALL) {
      try (CpuBackend backend = new CpuBackend(2, kernels);
          CpuTensor q = random(rows, heads.queryWidth(), 1);
          CpuTensor k = random(rows, heads.keyWidth(), 2);
          CpuTensor v = random(rows, heads.valueWidth(), 3);
          CpuTensor out = CpuTensor.allocate(rows, heads.mixedWidth())) {
        Sequences sequences = Sequences.fresh(count, length);
        backend.attention(heads, scores, sinks, 0, q, k, v, sequences, null, out);
        float[] expected = naive(heads, scores, sinks, count, length, q, k, v);
        float[] actual = Memory.array(out.data(), expected.length);
        Near.check(kernels.name(), actual, expected, tolerance(scores, length));
      }
    }
  }

  // Weights are exponentials of fp32 scores: a slope over the whole length lifts them to 75, whose
  // last bit is worth 8e-6.
  private static float tolerance(Scores scores, int length) {
    return scores.alibi().isEmpty() ? 2e-6f : Math.max(2e-6f, Math.ulp(length * 0.5f));
  }

  private static float[] naive(
      Heads a,
      Scores rules,
      float[] sinks,
      int count,
      int length,
      CpuTensor q,
      CpuTensor k,
      CpuTensor v) {
    float[] out = new float[count * length * a.mixedWidth()];
    for (int row = 0; row < count * length; row++) {
      for (int h = 0; h < a.heads(); h++) {
        int kvHead = h * a.kvHeads() / a.heads();
        int start = row / length * length;
        int position = row - start;
        double[] p = new double[position + 1];
        double sum = sinks.length == 0 ? 0 : Math.exp(sinks[h]);
        for (int t = 0; t < p.length; t++) {
          double dot = 0;
          for (int i = 0; i < a.keyDim(); i++) {
            dot +=
                (double) at(q, row, h * a.keyDim() + i) * at(k, start + t, kvHead * a.keyDim() + i);
          }
          dot *= rules.scale();
          dot = rules.softcap() == 0 ? dot : rules.softcap() * Math.tanh(dot / rules.softcap());
          dot += rules.alibi().isEmpty() ? 0 : bias(rules.alibi().get(), h, t);
          boolean seen =
              switch (rules.span().kind()) {
                case FULL -> true;
                case WINDOW -> position - t < rules.span().length();
                case CHUNK -> t / rules.span().length() == position / rules.span().length();
              };
          p[t] = seen ? Math.exp(dot) : 0;
          sum += p[t];
        }
        for (int i = 0; i < a.valueDim(); i++) {
          double y = 0;
          for (int t = 0; t < p.length; t++) {
            y += p[t] / sum * at(v, start + t, kvHead * a.valueDim() + i);
          }
          out[row * a.mixedWidth() + h * a.valueDim() + i] = (float) y;
        }
      }
    }
    return out;
  }

  private static double bias(Alibi alibi, int head, int position) {
    if (!alibi.bfloat()) {
      return (double) alibi.factor() * alibi.slopes().get(head) * position;
    }
    return alibi.factor() * bfloat(bfloat(alibi.slopes().get(head)) * bfloat(position));
  }

  /// To 8 significant bits, ties to even.
  private static double bfloat(double x) {
    double ulp = Math.scalb(1.0, Math.getExponent(x) - 7);
    return x == 0 ? 0 : Math.rint(x / ulp) * ulp;
  }

  private static float at(CpuTensor t, int row, int col) {
    return t.data().getAtIndex(JAVA_FLOAT, (long) row * t.cols() + col);
  }

  private static CpuTensor random(int rows, int cols, long seed) {
    CpuTensor t = CpuTensor.allocate(rows, cols);
    t.data().copyFrom(Memory.random(rows * cols, seed).asSlice(0, 4L * rows * cols));
    return t;
  }
}
