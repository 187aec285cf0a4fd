package io.metalmarlin.quant.fold;

import io.metalmarlin.quant.fold.FoldSite.Maker;
import io.metalmarlin.runtime.decode.Place;
import io.metalmarlin.runtime.model.Attention;
import io.metalmarlin.runtime.model.DifferentialAttention;
import io.metalmarlin.runtime.model.LatentAttention;
import io.metalmarlin.runtime.model.Layout;
import io.metalmarlin.runtime.model.Mixer;
import io.metalmarlin.runtime.model.MixtureOfExperts;
import io.metalmarlin.runtime.model.Mlp;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.Norm;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/// The sites of a block, from its declaration: behind norms, between up and down, between values
/// and output. Left out is what is not stored as a matrix of its own, what another value is added
/// to or divided by in between, and blocks whose branches share their input.
public final class FoldSites {
  private final ModelSpec spec;
  private final List<Place> places;
  private final List<FoldSite> sites = new ArrayList<>();

  private FoldSites(ModelSpec spec, int block) {
    this.spec = spec;
    this.places = Place.of(spec.blocks().get(block));
  }

  /// In the order in which tokens come by.
  public static List<FoldSite> of(ModelSpec spec, int block) {
    ModelSpec.Block declared = spec.blocks().get(block);
    if (declared.parallel()) {
      return List.of();
    }
    FoldSites found = new FoldSites(spec, block);
    for (int b = 0; b < declared.branches().size(); b++) {
      found.branch(b, declared.branches().get(b));
    }
    return found.sites;
  }

  /// Those of [#of], and every other input as a site where nothing can be folded: one without
  /// makers.
  public static List<FoldSite> everyInput(ModelSpec spec, int block) {
    List<FoldSite> sites = new ArrayList<>(of(spec, block));
    Set<Linear> seen = new HashSet<>();
    sites.forEach(s -> seen.addAll(s.readers()));
    for (Place place : Place.of(spec.blocks().get(block))) {
      Map<String, List<Linear>> inputs = new LinkedHashMap<>();
      for (Linear l : place.linears()) {
        if (!seen.contains(l)) {
          inputs.computeIfAbsent(l.inputGroup(), g -> new ArrayList<>()).add(l);
        }
      }
      inputs.forEach((group, readers) -> {
        int width = readers.getFirst().in();
        sites.add(new FoldSite(place, group, width, channels(width, c -> c), List.of(), readers));
      });
    }
    return sites;
  }

  private void branch(int index, Branch branch) {
    Place first = place(index, 0);
    Optional<Norm> norm = branch.normedResidual() ? Optional.empty() : branch.before();
    switch (branch.mixer()) {
      case Attention a -> {
        norm.ifPresent(n -> norm(first, n, first.linears().getFirst(), first.linears()));
        values(place(index, 1), a);
      }
      case DifferentialAttention a ->
          norm.ifPresent(n -> norm(first, n, first.linears().getFirst(), first.linears()));
      case LatentAttention a -> {
        norm.ifPresent(n -> norm(first, n, first.linears().getFirst(), first.linears()));
        latents(place(index, 1), place(index, 2), a);
      }
      case Mlp m -> {
        norm.ifPresent(n -> norm(first, n, first.linears().getFirst(), first.linears()));
        inner(place(index, 1), m);
      }
      case MixtureOfExperts m -> {
        norm.ifPresent(n -> norm(first, n, m.router().linear(), first.linears()));
        m.shared().ifPresent(s -> inner(place(index, 1), s.mlp()));
        m.experts().forEach(e -> inner(place(index, 1), e));
      }
      case Mixer other -> {}
    }
  }

  private Place place(int branch, int stage) {
    return places.stream()
        .filter(p -> p.branch() == branch && p.stage() == stage)
        .findFirst()
        .orElseThrow();
  }

  private void norm(Place place, Norm norm, Linear seen, List<Linear> readers) {
    int width = norm.size();
    boolean whole = norm.group() == width && norm.tensors() == 1 && norm.weight();
    if (!whole || norm.offset() != 0) {
      return;
    }
    List<Maker> makers =
        norm.parameters().stream()
            .map(p -> new Maker(spec.tensor(p), channels(width, c -> c)))
            .toList();
    add(place, seen, channels(width, c -> c), makers, readers);
  }

  private void latents(Place up, Place back, LatentAttention a) {
    if (a.queries() instanceof LatentAttention.Queries.Latent q) {
      norm(up, q.norm(), q.up(), List.of(q.up()));
    }
    norm(up, a.kvNorm(), a.kvUp(), List.of(a.kvUp()));
    int own = a.widths().own();
    int value = a.widths().value();
    int head = own + value;
    add(
        back,
        a.o(),
        channels(a.o().in(), c -> c),
        makers(a.kvUp(), r -> r % head < own ? -1 : r / head * value + r % head - own),
        List.of(a.o()));
  }

  private void values(Place back, Attention a) {
    if (a.projections() instanceof Attention.Projections.Separate p && !p.gated()) {
      int value = a.heads().valueDim();
      int group = a.heads().heads() / a.heads().kvHeads();
      add(
          back,
          a.o(),
          channels(a.o().in(), c -> c / value / group * value + c % value),
          makers(p.v(), r -> r),
          List.of(a.o()));
    }
  }

  private void inner(Place down, Mlp m) {
    if (m.inner() instanceof Mlp.Inner.Gated g && m.clamp().isEmpty()) {
      add(
          down,
          m.down(),
          channels(m.down().in(), c -> c),
          makers(g.up(), r -> r),
          List.of(m.down()));
    }
  }

  /// The rows of a linear's matrix and bias; nothing where these are parts of other tensors.
  private List<Maker> makers(Linear l, IntUnaryOperator channel) {
    if (!l.layout().equals(Layout.PLAIN)) {
      return List.of();
    }
    int[] channels = channels(l.out(), channel);
    List<Maker> makers = new ArrayList<>();
    makers.add(new Maker(spec.tensor(l), channels));
    l.biasParameter().ifPresent(b -> makers.add(new Maker(spec.tensor(b), channels)));
    return makers;
  }

  private void add(
      Place place, Linear seen, int[] channelOf, List<Maker> makers, List<Linear> readers) {
    boolean plain = readers.stream().allMatch(l -> l.layout().equals(Layout.PLAIN));
    if (plain && !makers.isEmpty()) {
      int channels = IntStream.of(channelOf).max().orElse(-1) + 1;
      sites.add(new FoldSite(place, seen.inputGroup(), channels, channelOf, makers, readers));
    }
  }

  private static int[] channels(int count, IntUnaryOperator channel) {
    return IntStream.range(0, count).map(channel).toArray();
  }
}
