package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Backends;
import io.metalmarlin.runtime.backend.Inputs;
import io.metalmarlin.runtime.backend.KvCache;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.load.ModelTexts;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.Sequences;
import io.metalmarlin.tests.support.Cli;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What rounding inputs to 8 bits costs `run`, beside what rounding the weights has cost already.
@Tag("slow")
class RoundedInputsTest {
  private static final int TOKENS = 384;

  @TempDir Path work;

  @ParameterizedTest
  @CsvSource({"qwen3-31m, NVFP4A16, marlin", "qwen3-31m, Q4_0, llama.cpp"})
  void rounded_inputs_cost_a_small_share_of_what_the_weights_cost(
      String model, String scheme, String target) throws IOException {
    Path source = Shared.path("models", model);
    Path out = work.resolve(scheme);
    Cli.run(
            "quantize",
            source,
            "-o",
            out,
            "--scheme",
            scheme,
            "--target",
            target,
            "--method",
            "rtn",
            "--eval-windows",
            0)
        .ok();
    int[] ids = ids(source);
    double[][] dense = decode(source, ids, Inputs.FP32);
    double[][] exact = decode(out, ids, Inputs.FP32);
    double[][] rounded = decode(out, ids, Inputs.INT8);
    double weights = divergence(dense, exact);
    double inputs = divergence(exact, rounded);
    double both = divergence(dense, rounded);
    System.out.printf(
        "%s %s: KLD of the weights %.5f, of the inputs %.6f, of both %.5f%n",
        model, scheme, weights, inputs, both);
    assertThat(inputs).as("of the inputs").isPositive().isLessThan(.02 * weights);
    assertThat(both).as("of both").isLessThan(1.05 * weights);
  }

  private static int[] ids(Path model) throws IOException {
    String text = Files.readString(Shared.path("text", "heldout-mixed.txt"));
    try (Model opened = Models.open(model)) {
      return Arrays.copyOf(ModelTexts.tokenizer(opened).encode(text), TOKENS);
    }
  }

  /// Log probabilities behind every token, each decoded alone behind those before it.
  private static double[][] decode(Path folder, int[] ids, Inputs inputs) {
    try (Model opened = Models.open(folder);
        Backend backend = Backends.open("cpu", 2, inputs);
        Decoder decoder = new Decoder(opened.spec(), opened.weights(), backend);
        Arena arena = Arena.ofConfined()) {
      ModelSpec spec = opened.spec();
      MemorySegment host = arena.allocate(4L * spec.vocabulary(), 64);
      double[][] rows = new double[ids.length][];
      try (KvCache cache = backend.cache(spec, ids.length, null);
          Tensor hidden = backend.allocate(1, spec.hidden());
          Tensor logits = backend.allocate(1, spec.vocabulary())) {
        for (int i = 0; i < ids.length; i++) {
          decoder.forward(new int[] {ids[i]}, hidden, new Sequences(1, 1, i), cache);
          decoder.logits(hidden, 0, 1, logits);
          backend.read(logits, host);
          rows[i] = logProbabilities(host.toArray(ValueLayout.JAVA_FLOAT));
        }
      }
      return rows;
    }
  }

  private static double[] logProbabilities(float[] logits) {
    double most = Float.NEGATIVE_INFINITY;
    for (float logit : logits) {
      most = Math.max(most, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - most);
    }
    double norm = most + Math.log(sum);
    double[] row = new double[logits.length];
    Arrays.setAll(row, i -> logits[i] - norm);
    return row;
  }

  private static double divergence(double[][] p, double[][] q) {
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      for (int v = 0; v < p[i].length; v++) {
        sum += Math.exp(p[i][v]) * (p[i][v] - q[i][v]);
      }
    }
    return sum / p.length;
  }
}
