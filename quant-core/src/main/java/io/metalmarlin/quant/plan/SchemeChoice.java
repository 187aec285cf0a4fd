package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.Activations;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.NamedScheme;
import io.metalmarlin.formats.model.NamedSchemes;
import io.metalmarlin.formats.scheme.BlockPacking;
import io.metalmarlin.formats.scheme.BlockScheme;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Sparse24Scheme;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.scheme.trellis.TrellisPacking;
import io.metalmarlin.formats.tensor.DType;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/// A scheme name and a group size as a target stores them.
///
/// @param scheme what was asked for; the packing's own grid may be a wider one (MLX stores integers
///   of every kind with a bias)
/// @param groupSize as in [Recipe]
record SchemeChoice(NamedScheme scheme, int groupSize, Packing packing) {
  /// @param groupSize as the user gave it
  /// @param sparse whether only two of four columns are kept
  /// @param model type of the model's dense tensors
  /// @throws MarlinException `BAD_FLAG` for an unknown name and a group size that cannot be chosen,
  ///   `TARGET_CANNOT` for what the target has no layout for
  static SchemeChoice of(
      String name, OptionalInt groupSize, boolean sparse, Target target, DType model) {
    Optional<DType> block = BlockMixes.type(name);
    if (block.isPresent()) {
      return blocks(name.toUpperCase(Locale.ROOT), block.get(), groupSize, target, model);
    }
    Optional<MlxMix> mix = MlxMix.named(name);
    if (mix.isPresent()) {
      return mix(mix.get(), groupSize, target, model);
    }
    NamedSchemes.Entry entry = NamedSchemes.entry(name).orElseThrow(() -> unknown(name));
    if (!entry.grouped() && groupSize.isPresent()) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          "--group-size " + text(groupSize.getAsInt()),
          entry.name() + " has groups of a fixed size",
          "Leave --group-size out, or use a scheme of integers such as W4A16.");
    }
    int size = entry.grouped() ? groupSize.orElse(target.groupSize()) : 0;
    if (size < Recipe.CHANNEL || entry.grouped() && size == 0) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          "--group-size " + size,
          "must be a positive number of columns, or channel",
          "Use 32, 64, 128 or channel.");
    }
    NamedScheme scheme = scheme(entry, size, model).orElseThrow();
    Packing packing =
        sparse
            ? sparsePacking(scheme, target, model)
            : packing(scheme, target, model)
                .orElseThrow(() -> targetCannot(entry, scheme, size, target, model));
    return new SchemeChoice(scheme, size, packing);
  }

  /// A scheme in one word, as an override names it; a mix is none.
  ///
  /// @param text as [SchemeName] reads it
  static SchemeChoice of(String text, Target target, DType model) {
    SchemeName scheme = SchemeName.parse(text);
    if (BlockMixes.named(scheme.name()).isPresent() || MlxMix.named(scheme.name()).isPresent()) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          scheme.name(),
          "is a mix of several types and stands for a whole model",
          "Name one scheme, such as Q6_K or W6A16.");
    }
    return of(scheme.name(), scheme.groupSize(), false, target, model);
  }

  /// What most matrices of a mix get, under the mix's name.
  private static SchemeChoice mix(MlxMix mix, OptionalInt groupSize, Target target, DType model) {
    if (!target.dialect().equals("mlx")) {
      throw new MarlinException(
          ErrorCode.TARGET_CANNOT,
          "--scheme " + mix.name(),
          "is a recipe of mlx-lm, and the target is " + target.name(),
          "Use --target mlx-lm.");
    }
    SchemeChoice low = of(mix.low(), groupSize, false, target, model);
    NamedScheme named =
        new NamedScheme(mix.name(), low.scheme().weights(), low.scheme().activations());
    return new SchemeChoice(named, low.groupSize(), low.packing());
  }

  /// What reports call it: the type of ggml blocks, else the name with the group.
  String label() {
    return packing instanceof BlockPacking b
        ? b.type().name()
        : SchemeName.text(scheme.name(), groupSize);
  }

  /// A block type of ggml, or the one that a mix gives to most matrices: its scheme is its layout.
  private static SchemeChoice blocks(
      String name, DType type, OptionalInt groupSize, Target target, DType model) {
    if (groupSize.isPresent()) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          "--group-size " + text(groupSize.getAsInt()),
          type + " has blocks of a fixed size",
          "Leave --group-size out.");
    }
    BlockScheme scheme = new BlockScheme(type);
    Packing packing =
        target
            .openDialect()
            .packingFor(scheme, model)
            .orElseThrow(() ->
                new MarlinException(
                    ErrorCode.TARGET_CANNOT,
                    "--scheme " + type,
                    "target %s has no byte layout for blocks of ggml".formatted(target.name()),
                    "Use --target llama.cpp."));
    return new SchemeChoice(new NamedScheme(name, scheme, Activations.NONE), 0, packing);
  }

  /// The choice that a resolved recipe holds.
  static SchemeChoice of(Recipe recipe, DType model) {
    OptionalInt size =
        recipe.groupSize() == 0 ? OptionalInt.empty() : OptionalInt.of(recipe.groupSize());
    return of(
        recipe.scheme(), size, recipe.sparsity() != null, Target.named(recipe.target()), model);
  }

  private static Optional<NamedScheme> scheme(NamedSchemes.Entry entry, int size, DType model) {
    OptionalInt columns =
        size == 0
            ? OptionalInt.empty()
            : OptionalInt.of(size == Recipe.CHANNEL ? GroupScheme.WHOLE : size);
    return NamedSchemes.of(entry.name(), columns, model);
  }

  /// The layout of a scheme for a target; empty where it has none, or does not do what the scheme
  /// does to activations.
  private static Optional<Packing> packing(NamedScheme scheme, Target target, DType model) {
    Dialect dialect = target.openDialect();
    return Optional.of(scheme)
        .filter(s -> dialect.activations().contains(s.activations()))
        .flatMap(
            s -> dialect.packingFor(s.weights(), model).or(() -> singleLevel(s, dialect, model)))
        .filter(p -> p instanceof GroupPacking || p instanceof TrellisPacking);
  }

  /// NVFP4 for a target that stores it without the tensor scale: the solver works on that grid.
  private static Optional<Packing> singleLevel(NamedScheme scheme, Dialect dialect, DType model) {
    return scheme.weights().equals(Nvfp4Scheme.INSTANCE)
        ? dialect.packingFor(Nvfp4Scheme.SINGLE_LEVEL, model)
        : Optional.empty();
  }

  private static Packing sparsePacking(NamedScheme scheme, Target target, DType model) {
    if (!target.equals(Target.named("marlin"))) {
      throw new MarlinException(
          ErrorCode.TARGET_CANNOT,
          "--sparsity 2:4",
          "nothing that target "
              + target.name()
              + " stands for ("
              + target.loads()
              + ") loads 2:4 sparse files",
          "Use --target marlin.");
    }
    return Optional.of(scheme)
        .filter(s -> s.activations() == Activations.NONE)
        .filter(s -> s.weights() instanceof GroupScheme)
        .map(s -> new Sparse24Scheme((GroupScheme) s.weights()))
        .flatMap(s -> target.openDialect().packingFor(s, model))
        .orElseThrow(() ->
            new MarlinException(
                ErrorCode.TARGET_CANNOT,
                "--scheme " + scheme.name(),
                "has no 2:4 sparse layout",
                "Use --scheme NVFP4A16 or W4A16."));
  }

  private static MarlinException unknown(String name) {
    return new MarlinException(
        ErrorCode.BAD_FLAG,
        "--scheme " + name,
        "is not a scheme of this version",
        "Use one of "
            + NamedSchemes.ALL.stream()
                .map(NamedSchemes.Entry::name)
                .collect(Collectors.joining(", "))
            + "; with --target llama.cpp also "
            + BlockTypes.names()
            + ", and the mixes "
            + BlockMixes.names()
            + "; with --target mlx-lm its mixes "
            + MlxMix.names()
            + ".");
  }

  private static MarlinException targetCannot(
      NamedSchemes.Entry entry, NamedScheme scheme, int size, Target target, DType model) {
    List<String> others =
        Target.ALL.stream()
            .filter(t -> packing(scheme, t, model).isPresent())
            .map(Target::name)
            .toList();
    List<String> sizes =
        List.of(32, 64, 128, Recipe.CHANNEL).stream()
            .filter(s -> entry.grouped())
            .filter(
                s -> scheme(entry, s, model).flatMap(n -> packing(n, target, model)).isPresent())
            .map(SchemeChoice::text)
            .toList();
    String hint =
        (sizes.isEmpty() ? "" : "Use --group-size " + String.join(" or ", sizes) + ". ")
            + (others.isEmpty()
                ? "No target of this version has one."
                : "Use --target " + String.join(" or ", others) + ".");
    return new MarlinException(
        ErrorCode.TARGET_CANNOT,
        "--scheme " + entry.name(),
        "target %s has no byte layout for it%s"
            .formatted(target.name(), size == 0 ? "" : " in groups of " + text(size)),
        hint);
  }

  private static String text(int groupSize) {
    return groupSize == Recipe.CHANNEL ? "channel" : Integer.toString(groupSize);
  }
}
