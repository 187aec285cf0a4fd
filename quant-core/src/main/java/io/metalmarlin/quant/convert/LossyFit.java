package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.NamedScheme;
import io.metalmarlin.formats.model.NamedSchemes;
import io.metalmarlin.formats.scheme.BlockPacking;
import io.metalmarlin.formats.scheme.BlockScheme;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.ggml.BlockCodecs;
import io.metalmarlin.formats.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/// Chooses what weights are rounded to where they cannot be carried over.
final class LossyFit {
  private static final int[] GROUPS = {128, 64, 32};

  private final Dialect dialect;
  private final DType model;

  LossyFit(Dialect dialect, DType model) {
    this.dialect = dialect;
    this.model = model;
  }

  /// The layout of a scheme that the user named.
  ///
  /// @param groupSize as the user gave it; empty for the largest there is
  /// @throws MarlinException `BAD_FLAG` for an unknown name or a group size that the scheme fixes,
  ///   `TARGET_CANNOT` for a grid that the dialect has no layout for
  Packing named(String name, OptionalInt groupSize) {
    List<Scheme> wanted =
        groupSize.isEmpty()
            ? schemes(name)
            : NamedSchemes.of(name, groupSize, model).map(NamedScheme::weights).stream().toList();
    if (wanted.isEmpty() && groupSize.isPresent() && !schemes(name).isEmpty()) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          "--group-size " + groupSize.getAsInt(),
          "has no effect with --scheme " + name + ", whose groups have one size",
          "Leave --group-size out.");
    }
    if (wanted.isEmpty()) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          "--scheme " + name,
          "is no scheme of this version",
          "`marlin formats` lists the schemes of every format.");
    }
    return wanted.stream()
        .flatMap(s -> writable(s).stream())
        .findFirst()
        .orElseThrow(() -> unwritable(name, wanted));
  }

  private MarlinException unwritable(String name, List<Scheme> wanted) {
    // The only layouts of a dialect that are not written.
    boolean codebook = wanted.stream().anyMatch(s -> dialect.packingFor(s, model).isPresent());
    return new MarlinException(
        ErrorCode.TARGET_CANNOT,
        "--scheme " + name,
        codebook
            ? "is a type that is read only: nothing is rounded to its codebook"
            : dialect.name() + " has no byte layout for it",
        codebook
            ? "Choose IQ4_XS, Q3_K, Q2_K or another type that `marlin formats` lists."
            : "`marlin formats` lists the schemes of every format.");
  }

  /// The smallest layout that takes at least as many bits as the source, else the largest there is,
  /// among those that need no scales of inputs; empty where the dialect packs nothing of that size.
  Optional<Packing> nearest(double bits, int rows, int cols) {
    Packing best = null;
    for (Packing p : all()) {
      if (dialect.weightsAlone(p)
          && Candidates.fits(p, rows, cols)
          && (best == null || better(size(p, rows, cols), size(best, rows, cols), bits))) {
        best = p;
      }
    }
    return Optional.ofNullable(best);
  }

  private static double size(Packing p, int rows, int cols) {
    return p.scheme().bitsPerWeight(rows, cols);
  }

  private static boolean better(double candidate, double best, double wanted) {
    double slack = 0.25;
    boolean enough = candidate >= wanted - slack;
    boolean bestEnough = best >= wanted - slack;
    return enough == bestEnough ? enough == candidate < best : enough;
  }

  private List<Packing> all() {
    List<Packing> all = new ArrayList<>();
    for (NamedSchemes.Entry e : NamedSchemes.ALL) {
      schemes(e.name()).forEach(s -> writable(s).ifPresent(all::add));
    }
    for (DType t : DType.values()) {
      if (t.isBlock()) {
        writable(new BlockScheme(t)).ifPresent(all::add);
      }
    }
    return all;
  }

  private Optional<Packing> writable(Scheme scheme) {
    return dialect
        .packingFor(scheme, model)
        .filter(p ->
            p instanceof GroupPacking
                || p instanceof BlockPacking b && BlockCodecs.of(b.type()).writes());
  }

  private List<Scheme> schemes(String name) {
    Optional<DType> block =
        Arrays.stream(DType.values())
            .filter(DType::isBlock)
            .filter(t -> t.name().equals(name.toUpperCase(Locale.ROOT)))
            .findFirst();
    List<Scheme> all = new ArrayList<>();
    NamedSchemes.of(name, OptionalInt.empty(), model).map(NamedScheme::weights).ifPresent(all::add);
    for (int group : GROUPS) {
      NamedSchemes.of(name, OptionalInt.of(group), model)
          .map(NamedScheme::weights)
          .ifPresent(all::add);
    }
    block.map(BlockScheme::new).ifPresent(all::add);
    return all;
  }
}
