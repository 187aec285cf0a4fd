package io.metalmarlin.cli.view;

import io.metalmarlin.formats.model.Activations;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.NamedScheme;
import io.metalmarlin.formats.model.NamedSchemes;
import io.metalmarlin.formats.scheme.BlockPacking;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Packings;
import io.metalmarlin.formats.scheme.ggml.BlockCodec;
import io.metalmarlin.formats.scheme.ggml.BlockCodecs;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.quant.plan.Target;
import io.metalmarlin.runtime.cpu.kernel.DirectSchemes;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.arch.Architectures;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// What this version does with one family of checkpoints, asked of the registries.
///
/// @param name of the dialect
/// @param run how `eval` and `run` multiply its weights
/// @param targets what `quantize --target` calls it
/// @param convert what `convert --to` calls it; empty where it is not written
/// @param schemes what it can be written in
/// @param blockTypes the ggml block types that `convert --scheme` writes in it
public record FormatEntry(
    String name,
    Run run,
    List<String> targets,
    Optional<String> convert,
    List<Written> schemes,
    List<String> blockTypes) {
  private static final String DENSE = "hf-dense";
  private static final int[] GROUPS = {16, 32, 64, 128, 256, GroupScheme.WHOLE};

  /// How products read the stored weights.
  public enum Run {
    /// Stored as numbers.
    DENSE("dense"),
    /// A kernel for every grid it can hold.
    DIRECT("from the codes"),
    /// A kernel for some of its grids, the others are decoded row by row.
    PARTLY("codes or decoded"),
    /// Decoded row by row.
    DECODED("decoded"),
    /// No model that is written in it has a declaration here.
    NO_MODEL("no");

    private final String word;

    Run(String word) {
      this.word = word;
    }

    /// For people.
    public String word() {
      return word;
    }
  }

  /// A named scheme and the sizes of its groups.
  ///
  /// @param groups the sizes a user may ask for; empty where the scheme fixes it
  public record Written(String scheme, List<String> groups) {
    @Override
    public String toString() {
      return groups.isEmpty() ? scheme : scheme + " (" + String.join(", ", groups) + ")";
    }
  }

  /// Asks the registries.
  public static FormatEntry of(Dialect d) {
    boolean dense = d.name().equals(DENSE);
    return new FormatEntry(
        d.name(),
        run(d),
        Target.ALL.stream().filter(t -> t.dialect().equals(d.name())).map(Target::name).toList(),
        d.writes() ? Optional.of(dense ? "hf" : d.name()) : Optional.empty(),
        schemes(d),
        blockTypes(d));
  }

  private static Run run(Dialect d) {
    boolean model =
        d.onlyModel().isEmpty()
            || Architectures.ALL.stream()
                .map(Architecture::modelType)
                .anyMatch(d.onlyModel().get()::equals);
    if (!model) {
      return Run.NO_MODEL;
    }
    List<Packing> held =
        Packings.ALL.stream().filter(p -> d.packings().contains(p.getClass())).toList();
    long direct = held.stream().filter(p -> DirectSchemes.any(p.scheme())).count();
    if (held.isEmpty()) {
      return Run.DENSE;
    }
    return direct == held.size() ? Run.DIRECT : direct == 0 ? Run.DECODED : Run.PARTLY;
  }

  private static List<Written> schemes(Dialect d) {
    List<Written> written = new ArrayList<>();
    for (NamedSchemes.Entry e : NamedSchemes.ALL) {
      if (!d.activations().contains(e.activations())) {
        continue;
      }
      if (!e.grouped()) {
        if (holds(d, e.name(), OptionalInt.empty())) {
          written.add(new Written(e.name(), List.of()));
        }
        continue;
      }
      List<String> groups = new ArrayList<>();
      for (int group : GROUPS) {
        if (holds(d, e.name(), OptionalInt.of(group))) {
          groups.add(group == GroupScheme.WHOLE ? "channel" : Integer.toString(group));
        }
      }
      if (!groups.isEmpty()) {
        written.add(new Written(e.name(), List.copyOf(groups)));
      }
    }
    return List.copyOf(written);
  }

  /// Whether a model of any type of dense tensors can be written so.
  private static boolean holds(Dialect d, String name, OptionalInt group) {
    for (DType model : List.of(DType.BF16, DType.F16, DType.F32)) {
      Optional<NamedScheme> scheme = NamedSchemes.of(name, group, model);
      if (scheme.flatMap(s -> d.packingFor(s.weights(), model)).isPresent()) {
        return true;
      }
    }
    return false;
  }

  private static List<String> blockTypes(Dialect d) {
    return d.packings().contains(BlockPacking.class)
            && d.activations().contains(Activations.NONE)
            && d.writes()
        ? BlockCodecs.ALL.stream().filter(BlockCodec::writes).map(c -> c.type().name()).toList()
        : List.of();
  }
}
