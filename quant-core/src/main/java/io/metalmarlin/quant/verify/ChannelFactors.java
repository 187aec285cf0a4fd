package io.metalmarlin.quant.verify;

import io.metalmarlin.quant.fold.FoldSite;
import io.metalmarlin.quant.fold.FoldSites;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Block;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import java.util.Arrays;
import java.util.Optional;

/// Powers of two that a quantizer moved between two matrices ([FoldSite]): rows of the first are
/// divided, columns of the second multiplied. Found from the matrices themselves, and believed only
/// where both say the same, so that a matrix whose scales are damaged is not excused.
///
/// @param rows what gives a row back its size in the reference; empty for 1
/// @param columns likewise
record ChannelFactors(float[] rows, float[] columns) {
  static final ChannelFactors NONE = new ChannelFactors(new float[0], new float[0]);

  /// The factors of a module against the reference.
  static ChannelFactors of(String module, Subject subject, Subject reference) {
    ModelSpec spec = subject.spec().orElse(null);
    if (spec == null || !spec.runnable()) {
      return NONE;
    }
    float[] rows = new float[0];
    float[] columns = new float[0];
    for (Block block : spec.blocks()) {
      for (FoldSite site : FoldSites.of(spec, block.index())) {
        FoldSite.Maker maker = site.makers().getFirst();
        Linear reader = site.readers().getFirst();
        boolean makes = maker.tensor().equals(module + ".weight");
        if (!makes && !spec.module(reader).equals(module)) {
          continue;
        }
        Optional<int[]> exponents = exponents(site, spec.module(reader), subject, reference);
        if (exponents.isEmpty()) {
          continue;
        }
        int sign = makes ? 1 : -1;
        int[] channelOf = makes ? maker.channelOf() : site.channelOf();
        float[] factors = new float[channelOf.length];
        for (int i = 0; i < factors.length; i++) {
          int e = channelOf[i] < 0 ? 0 : exponents.get()[channelOf[i]];
          factors[i] = Math.scalb(1f, sign * e);
        }
        if (makes) {
          rows = factors;
        } else {
          columns = factors;
        }
      }
    }
    return rows.length == 0 && columns.length == 0 ? NONE : new ChannelFactors(rows, columns);
  }

  /// Takes the factors back in some rows.
  ///
  /// @param first the first row's number
  void apply(float[] values, int first, int count, int cols) {
    for (int i = 0; i < count * cols && this != NONE; i++) {
      float row = rows.length == 0 ? 1 : rows[first + i / cols];
      values[i] *= columns.length == 0 ? row : row * columns[i % cols];
    }
  }

  /// By which powers of two the channels were divided; empty where none was, or the two sides
  /// disagree, or the maker is a norm, which [Norms] sees to.
  private static Optional<int[]> exponents(
      FoldSite site, String reader, Subject subject, Subject reference) {
    String maker = site.makers().getFirst().tensor().replaceFirst("\\.weight$", "");
    int[] divided = new int[site.channels()];
    int[] multiplied = new int[site.channels()];
    boolean read =
        logs(maker, subject, reference, true, site.makers().getFirst().channelOf(), divided)
            && logs(reader, subject, reference, false, site.channelOf(), multiplied);
    for (int c = 0; c < divided.length && read; c++) {
      read = divided[c] == -multiplied[c];
    }
    return read && Arrays.stream(divided).anyMatch(e -> e != 0)
        ? Optional.of(divided)
        : Optional.empty();
  }

  /// The rounded binary logarithms of how much larger the reference's rows or columns are.
  private static boolean logs(
      String module,
      Subject subject,
      Subject reference,
      boolean rows,
      int[] channelOf,
      int[] logs) {
    Optional<MatrixRows> ours = MatrixRows.of(subject, module);
    Optional<MatrixRows> theirs = MatrixRows.of(reference, module);
    if (ours.isEmpty()
        || theirs.isEmpty()
        || ours.get().rows() != theirs.get().rows()
        || ours.get().cols() != theirs.get().cols()) {
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
