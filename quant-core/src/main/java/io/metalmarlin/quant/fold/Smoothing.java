package io.metalmarlin.quant.fold;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Folded smoothing: channel j is divided by `s_j = x_j^activations / w_j^weights`, where x is the
/// root mean square of the channel and w that of the columns that read it, and these columns are
/// multiplied. Rounded to a power of two, which leaves every digit of every weight as it is.
///
/// With exponents that sum to 1 it does not matter how a model was scaled before.
///
/// @param activations how far large inputs get finer steps, as AWQ does (arXiv 2306.00978)
/// @param weights how far columns of different size are made alike
public record Smoothing(double activations, double weights) {
  /// What is tried, identity aside.
  public static final List<Smoothing> ALL =
      List.of(
          new Smoothing(0, 1),
          new Smoothing(.2, .8),
          new Smoothing(.4, .6),
          new Smoothing(.2, 0),
          new Smoothing(.5, 0));

  private static final int LARGEST = 12;

  /// What reports call it.
  public String name() {
    return "smooth-%s-%s".formatted(activations, weights);
  }

  /// Binary logarithms of s, around a median of 0.
  ///
  /// @param inputs mean square of each channel; one that is 0 stays as it is
  /// @param columns mean square of what reads it; likewise
  public int[] exponents(double[] inputs, double[] columns) {
    double[] logs = new double[inputs.length];
    for (int c = 0; c < logs.length; c++) {
      boolean alive = inputs[c] > 0 && columns[c] > 0;
      logs[c] = alive ? activations * log2(inputs[c]) - weights * log2(columns[c]) : Double.NaN;
    }
    double[] sorted = Arrays.stream(logs).filter(l -> !Double.isNaN(l)).sorted().toArray();
    double median = sorted.length == 0 ? 0 : sorted[sorted.length / 2];
    return IntStream.range(0, logs.length)
        .map(c -> Double.isNaN(logs[c]) ? 0 : (int) Math.rint(logs[c] - median))
        .map(e -> Math.clamp(e, -LARGEST, LARGEST))
        .toArray();
  }

  private static double log2(double square) {
    return .5 * Math.log(square) / Math.log(2);
  }
}
