package io.metalmarlin.quant.verify;

import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.Sparse24Scheme;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.quant.transform.Transform;
import io.metalmarlin.quant.transform.Transforms;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Compares every matrix of a checkpoint with a reference. Weights that are stored in a rotated
/// basis are compared in it; factors that a quantizer moved from a linear into the norm or the
/// matrix before it are taken back.
public final class WeightErrors {
  private static final String CODE = "weight";
  private static final int TILE = 1 << 18;

  private final Subject subject;
  private final Subject reference;
  private final MovedScales moved;

  private WeightErrors(Subject subject, Subject reference) {
    this.subject = subject;
    this.reference = reference;
    this.moved = new MovedScales(subject, reference);
  }

  /// Errors of all matrices that both have, largest first.
  public static List<WeightError> of(Subject subject, Subject reference, Workers workers) {
    WeightErrors errors = new WeightErrors(subject, reference);
    List<String> modules = List.copyOf(errors.modules());
    WeightError[] found = new WeightError[modules.size()];
    workers.run(found.length, i -> found[i] = errors.of(modules.get(i)));
    List<WeightError> all = new ArrayList<>();
    for (WeightError e : found) {
      if (e != null) {
        all.add(e);
      }
    }
    // NaN sorts above every number.
    all.sort(Comparator.comparingDouble(WeightError::relative).reversed());
    return List.copyOf(all);
  }

  /// What these errors say about the checkpoint.
  public static List<Finding> findings(List<WeightError> errors) {
    Findings findings = new Findings(CODE);
    for (WeightError e : errors) {
      String what =
          "relative error %.3f against the reference as %s".formatted(e.relative(), e.scheme());
      if (Double.isNaN(e.relative())) {
        findings.error(
            e.module(),
            "cannot be compared: the reference has another size, or is zero",
            "Name the checkpoint it was made from.");
      } else if (e.relative() > e.impossible()) {
        findings.error(
            e.module(),
            what + ": it decodes to something else",
            "Name the checkpoint it was made from; if that is it, the pack is damaged or in another"
                + " layout than it says.");
      } else if (e.relative() > e.usual()) {
        findings.warning(
            e.module(),
            what + ", more than the %.2f that is usual at %d bits".formatted(e.usual(), e.bits()),
            "Quantize it with a better method, or leave it in more bits.");
      }
    }
    return findings.all();
  }

  /// Modules with a matrix, packed ones first, in file order.
  private Set<String> modules() {
    Set<String> names = new LinkedHashSet<>(subject.modules().keySet());
    for (TensorInfo t : subject.checkpoint().tensors().values()) {
      if (t.name().endsWith(".weight") && t.shape().size() == 2) {
        names.add(PackedModules.stem(t.name()));
      }
    }
    return names;
  }

  private @Nullable WeightError of(String module) {
    Optional<MatrixRows> ours = MatrixRows.of(subject, module);
    Optional<MatrixRows> theirs = MatrixRows.of(reference, module);
    if (ours.isEmpty() || theirs.isEmpty()) {
      return null;
    }
    PackedModule packed = subject.modules().get(module);
    String scheme = packed == null ? "dense" : packed.packing().scheme().name();
    int bits = packed == null ? 16 : bits(packed.packing().scheme(), packed);
    double relative =
        ours.get().sameSize(theirs.get())
            ? relative(module, ours.get(), theirs.get(), transform(subject, module))
            : Double.NaN;
    return new WeightError(module, scheme, bits, relative);
  }

  private static int bits(Scheme scheme, PackedModule m) {
    return switch (scheme) {
      case GroupScheme g -> g.codeBits();
      // Half of the weights are gone whatever the others are stored in.
      case Sparse24Scheme s -> Math.min(3, s.values().codeBits());
      default -> (int) scheme.bitsPerWeight(m.rows(), m.cols());
    };
  }

  private static Transform transform(Subject s, String module) {
    return Transforms.of(
        Optional.ofNullable(s.modules().get(module)).flatMap(PackedModule::transform));
  }

  private double relative(String module, MatrixRows ours, MatrixRows theirs, Transform basis) {
    Transform theirBasis = transform(reference, module);
    float[][] norms = Norms.before(module, subject, reference).orElse(null);
    ChannelFactors factors = moved.of(module);
    boolean common = norms != null || factors != ChannelFactors.NONE;
    int cols = ours.cols();
    int rows = Math.max(1, Math.min(ours.rows(), TILE / cols));
    float[] q = new float[rows * cols];
    float[] w = new float[rows * cols];
    double error = 0;
    double norm = 0;
    for (int row = 0; row < ours.rows(); row += rows) {
      int n = Math.min(rows, ours.rows() - row);
      ours.source().decode(row, row + n, q);
      theirs.source().decode(row, row + n, w);
      theirBasis.applyToRows(MemorySegment.ofArray(w), n, cols);
      // The rotation is its own inverse: the stored weights go back to the common basis only where
      // factors must be taken out of it.
      basis.applyToRows(MemorySegment.ofArray(common ? q : w), n, cols);
      factors.apply(q, row, n, cols);
      for (int i = 0; i < n * cols; i++) {
        double a = norms == null ? q[i] : (double) q[i] * norms[0][i % cols];
        double b = norms == null ? w[i] : (double) w[i] * norms[1][i % cols];
        error += (a - b) * (a - b);
        norm += b * b;
      }
    }
    if (norm == 0) {
      return error == 0 ? 0 : Double.NaN;
    }
    return Math.sqrt(error / norm);
  }
}
