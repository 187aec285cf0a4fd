package io.metalmarlin.quant.verify;

import io.metalmarlin.quant.fold.FoldSite;
import io.metalmarlin.quant.fold.FoldSites;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Block;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Scales of channels that a quantizer moved between two matrices ([FoldSite]): rows of the first
/// are divided, columns of the second multiplied. Found from the matrices themselves, and believed
/// only where both say the same, so that a matrix whose scales are damaged is not excused.
///
/// Safe for use by several threads.
final class MovedScales {
  private final Subject subject;
  private final Subject reference;
  private final Map<String, FoldSite> made = new HashMap<>();
  private final Map<String, FoldSite> read = new HashMap<>();
  // By what makes the channels, which is one matrix for each site.
  private final Map<String, Optional<int[]>> exponents = new ConcurrentHashMap<>();

  MovedScales(Subject subject, Subject reference) {
    this.subject = subject;
    this.reference = reference;
    ModelSpec spec = subject.spec().orElse(null);
    if (spec != null && spec.runnable()) {
      for (Block block : spec.blocks()) {
        for (FoldSite site : FoldSites.of(spec, block.index())) {
          made.put(maker(site), site);
          site.readers().forEach(l -> read.put(spec.module(l), site));
        }
      }
    }
  }

  /// The factors of a module.
  ChannelFactors of(String module) {
    float[] rows = new float[0];
    float[] columns = new float[0];
    FoldSite makes = made.get(module);
    if (makes != null) {
      rows = factors(makes, makes.makers().getFirst().channelOf(), 1);
    }
    FoldSite reads = read.get(module);
    if (reads != null) {
      columns = factors(reads, reads.channelOf(), -1);
    }
    return rows.length == 0 && columns.length == 0
        ? ChannelFactors.NONE
        : new ChannelFactors(rows, columns);
  }

  private float[] factors(FoldSite site, int[] channelOf, int sign) {
    Optional<int[]> of = exponents.computeIfAbsent(maker(site), m -> exponents(site));
    float[] factors = new float[of.isEmpty() ? 0 : channelOf.length];
    for (int i = 0; i < factors.length; i++) {
      int e = channelOf[i] < 0 ? 0 : of.get()[channelOf[i]];
      factors[i] = Math.scalb(1f, sign * e);
    }
    return factors;
  }

  private static String maker(FoldSite site) {
    return PackedModules.stem(site.makers().getFirst().tensor());
  }

  /// By which powers of two the channels were divided; empty where none was, or the two sides
  /// disagree, or the maker is a norm, which [Norms] sees to.
  private Optional<int[]> exponents(FoldSite site) {
    String reader = subject.spec().orElseThrow().module(site.readers().getFirst());
    int[] divided = new int[site.channels()];
    int[] multiplied = new int[site.channels()];
    boolean known =
        logs(maker(site), true, site.makers().getFirst().channelOf(), divided)
            && logs(reader, false, site.channelOf(), multiplied);
    for (int c = 0; c < divided.length && known; c++) {
      known = divided[c] == -multiplied[c];
    }
    return known && Arrays.stream(divided).anyMatch(e -> e != 0)
        ? Optional.of(divided)
        : Optional.empty();
  }

  /// The rounded binary logarithms of how much larger the reference's rows or columns are.
  private boolean logs(String module, boolean rows, int[] channelOf, int[] logs) {
    Optional<MatrixRows> ours = MatrixRows.of(subject, module);
    Optional<MatrixRows> theirs = MatrixRows.of(reference, module);
    if (ours.isEmpty() || theirs.isEmpty() || !ours.get().sameSize(theirs.get())) {
      return false;
    }
    // Behind a norm that was changed as well only the two together can be compared.
    Optional<float[][]> norms = Norms.before(module, subject, reference);
    double[] a = squares(ours.get(), norms.map(n -> n[0]), rows, channelOf, logs.length);
    double[] b = squares(theirs.get(), norms.map(n -> n[1]), rows, channelOf, logs.length);
    for (int c = 0; c < logs.length; c++) {
      boolean zero = a[c] == 0 || b[c] == 0;
      logs[c] = zero ? 0 : (int) Math.rint(.5 * Math.log(b[c] / a[c]) / Math.log(2));
    }
    return true;
  }

  private static double[] squares(
      MatrixRows m, Optional<float[]> norm, boolean rows, int[] channelOf, int channels) {
    double[] sums = new double[channels];
    float[] row = new float[m.cols()];
    for (int r = 0; r < m.rows(); r++) {
      m.source().decode(r, r + 1, row);
      for (int c = 0; c < row.length; c++) {
        int channel = channelOf[rows ? r : c];
        if (channel >= 0) {
          double value = norm.isPresent() ? (double) row[c] * norm.get()[c] : row[c];
          sums[channel] += value * value;
        }
      }
    }
    return sums;
  }
}
