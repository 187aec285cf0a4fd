package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.Sparse24Scheme;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.scheme.regrid.Regrid;
import io.metalmarlin.formats.tensor.DType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/// The layouts of a dialect that may hold a grid's numbers, most alike first.
final class Candidates {
  private static final int[] GROUPS = {128, 64, 32};

  private final Dialect dialect;
  private final List<DType> types;

  /// @param model the type that scales should have
  Candidates(Dialect dialect, DType model) {
    this.dialect = dialect;
    SequencedSet<DType> order = new LinkedHashSet<>(List.of(model));
    order.addAll(List.of(DType.F16, DType.BF16, DType.F32));
    this.types = List.copyOf(order);
  }

  /// Layouts for a matrix of the grid `scheme`, without those that its size does not fit.
  List<Packing> of(Scheme scheme, int rows, int cols) {
    List<Packing> found = new ArrayList<>();
    for (DType type : types) {
      for (Scheme s : relatives(scheme, type)) {
        dialect
            .packingFor(s, type)
            .filter(p -> found.stream().noneMatch(f -> same(f, p)))
            .filter(p -> fits(p, rows, cols))
            .ifPresent(found::add);
      }
    }
    return found;
  }

  /// Whether a matrix of that size can be stored so.
  static boolean fits(Packing packing, int rows, int cols) {
    return cols % packing.scheme().columnMultiple() == 0 && misfit(packing, rows, cols).isEmpty();
  }

  /// Why a matrix of that size cannot be stored so.
  static Optional<MarlinException> misfit(Packing packing, int rows, int cols) {
    try {
      packing.planes(rows, cols);
      return Optional.empty();
    } catch (MarlinException e) {
      return Optional.of(e);
    }
  }

  private static boolean same(Packing a, Packing b) {
    return a.equals(b) || a.name().equals(b.name()) && a.scheme().equals(b.scheme());
  }

  /// The grid itself and those that say the same numbers in another way.
  private static List<Scheme> relatives(Scheme scheme, DType type) {
    List<Scheme> all = new ArrayList<>();
    switch (scheme) {
      case IntScheme i -> integers(i, type, all);
      case FloatScheme f -> {
        all.add(f);
        if (f.scaleType().bits() > 8) {
          FloatScheme typed =
              new FloatScheme(f.element(), f.groupRows(), f.groupSize(), ScaleType.of(type));
          all.addFirst(typed);
          if (f.groupRows() == GroupScheme.WHOLE) {
            all.add(new FloatScheme(f.element(), 1, GroupScheme.WHOLE, ScaleType.of(type)));
          }
        } else if (f.equals(FloatScheme.MXFP4)) {
          all.add(Nvfp4Scheme.INSTANCE);
        }
      }
      case Nvfp4Scheme n -> {
        all.add(n);
        all.add(n.hasTensorScale() ? Nvfp4Scheme.SINGLE_LEVEL : Nvfp4Scheme.INSTANCE);
      }
      case Sparse24Scheme sparse -> {
        all.add(sparse);
        Regrid.unpruned(sparse).ifPresent(dense -> all.addAll(relatives(dense, type)));
      }
      default -> all.add(scheme);
    }
    return all;
  }

  private static void integers(IntScheme i, DType type, List<Scheme> all) {
    SequencedSet<Zero> zeros = new LinkedHashSet<>(List.of(i.zero()));
    zeros.addAll(List.of(Zero.NONE, Zero.POINT, Zero.BIAS));
    SequencedSet<Integer> groups = new LinkedHashSet<>(List.of(i.groupSize()));
    for (int g : GROUPS) {
      if (i.groupSize() == GroupScheme.WHOLE || i.groupSize() % g == 0) {
        groups.add(g);
      }
    }
    groups.add(GroupScheme.WHOLE);
    for (int group : groups) {
      for (Zero zero : zeros) {
        all.add(new IntScheme(i.bits(), group, ScaleType.of(type), zero));
      }
    }
  }
}
