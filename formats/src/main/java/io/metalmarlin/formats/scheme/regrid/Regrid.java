package io.metalmarlin.formats.scheme.regrid;

import io.metalmarlin.formats.scheme.ColumnScaled;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.Sparse24Matrix;
import io.metalmarlin.formats.scheme.Sparse24Scheme;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/// Carries packed matrices from one grid to another without changing a number.
///
/// Exact means: every decoded fp32 weight equals the source's. Only the sign of a zero may change,
/// where a scale is negative. The direction in which a tensor scale is stored is left as it is; a
/// packing that wants the other one takes the reciprocal, rounded once ([TensorScaleChange]).
public final class Regrid {
  /// In the order in which they apply: what narrows the choice of scales comes last.
  static final List<Rule> RULES =
      List.of(
          new BiasAsPoint(),
          new PointAsSymmetric(),
          new MicroscalingAsNvfp4(),
          new FinerGroups(),
          new ScaleWidth(),
          new SymmetricAsBias(),
          new SymmetricAsPoint(),
          new PointAsBias(),
          new AddTensorScale(),
          new DropTensorScale());

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Regrid() {}

  /// The matrix in another grid. Codes are views of the source's where the grid has the same ones.
  /// A group index that is no run of columns is carried along; whether the target can hold it is
  /// the caller's question.
  ///
  /// @param memory for what is new; need not be zero, and lives as long as the matrix is used
  /// @return empty where a weight would change
  public static Optional<PackedMatrix> exact(
      PackedMatrix source, Scheme target, SegmentAllocator memory) {
    return switch (source) {
      case QuantizedMatrix m when target instanceof GroupScheme g ->
          grouped(m, g, memory).map(PackedMatrix.class::cast);
      case Sparse24Matrix s when target instanceof Sparse24Scheme t ->
          grouped(s.values(), t.values(), memory).map(v -> new Sparse24Matrix(v, s.patterns()));
      case Sparse24Matrix s when target instanceof GroupScheme g ->
          Unpruned.matrix(s, memory)
              .flatMap(m -> grouped(m, g, memory))
              .map(PackedMatrix.class::cast);
      case ColumnScaled c -> Optional.empty();
      default -> source.scheme().equals(target) ? Optional.of(source) : Optional.empty();
    };
  }

  /// Whether every matrix of the one grid has an exact form in the other, so that its scales need
  /// not be looked at. Says nothing about matrices with a group index or column factors.
  public static boolean always(Scheme source, Scheme target) {
    if (source.equals(target)) {
      return true;
    }
    if (source instanceof Sparse24Scheme s && target instanceof Sparse24Scheme t) {
      return always(s.values(), t.values());
    }
    if (source instanceof Sparse24Scheme s) {
      return Unpruned.scheme(s).filter(dense -> always(dense, target)).isPresent();
    }
    return source instanceof GroupScheme s && target instanceof GroupScheme t && path(s, t, true);
  }

  /// Whether some matrices of the one grid have an exact form in the other.
  public static boolean sometimes(Scheme source, Scheme target) {
    return always(source, target)
        || source instanceof Sparse24Scheme s
            && target instanceof Sparse24Scheme t
            && sometimes(s.values(), t.values())
        || source instanceof Sparse24Scheme s
            && Unpruned.scheme(s).filter(dense -> sometimes(dense, target)).isPresent()
        || source instanceof GroupScheme g && target instanceof GroupScheme h && path(g, h, false);
  }

  /// The grid of a 2:4 sparse matrix with its zeros written out; empty where no code is always
  /// zero.
  public static Optional<GroupScheme> unpruned(Sparse24Scheme sparse) {
    return Unpruned.scheme(sparse);
  }

  private static boolean path(GroupScheme source, GroupScheme target, boolean always) {
    GroupScheme at = source;
    for (Rule rule : RULES) {
      Optional<GroupScheme> next = rule.next(at, target);
      if (next.isPresent()) {
        if (always && !rule.always(at, next.get())) {
          return false;
        }
        at = next.get();
      }
    }
    return at.equals(target);
  }

  private static Optional<QuantizedMatrix> grouped(
      QuantizedMatrix source, GroupScheme target, SegmentAllocator memory) {
    QuantizedMatrix at = withoutIdleIndex(source);
    for (Rule rule : RULES) {
      Optional<GroupScheme> next = rule.next(at.scheme(), target);
      if (next.isPresent()) {
        Optional<QuantizedMatrix> m = rule.apply(at, next.get(), memory);
        if (m.isEmpty()) {
          return m;
        }
        at = m.get();
      }
    }
    return at.scheme().equals(target) ? Optional.of(at) : Optional.empty();
  }

  /// A group index that says what the columns' order says anyway is dropped.
  private static QuantizedMatrix withoutIdleIndex(QuantizedMatrix m) {
    MemorySegment index = m.groupIndex();
    if (index == null) {
      return m;
    }
    for (int col = 0; col < m.cols(); col++) {
      if (index.get(INT, 4L * col) != col / m.groupSize()) {
        return m;
      }
    }
    return new QuantizedMatrix(
        m.scheme(), m.rows(), m.cols(), m.codes(), m.scales(), m.tensorScale(), m.zeros(), null);
  }
}
