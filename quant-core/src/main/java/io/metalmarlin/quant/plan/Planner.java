package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.importance.ImportanceFile;
import io.metalmarlin.formats.importance.ModuleImportance;
import io.metalmarlin.formats.model.Activations;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.InputTransform;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.StoredAs;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.quant.calibrate.CalibrationSet;
import io.metalmarlin.quant.calibrate.CalibrationTexts;
import io.metalmarlin.quant.transform.Transforms;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.ModelSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.DoubleConsumer;

/// Makes a [Plan]: decides what happens to every tensor and collects every reason not to start.
///
/// Writes nothing. What cannot even be planned (an unreadable file, a non-finite weight) is thrown;
/// what can be planned but must not run (sizes, memory, disk) is listed in the plan.
public final class Planner {
  private final Model model;
  private final Recipe recipe;
  private final Path output;
  private final Dialect dialect;
  private final SchemeAssignment schemes;
  private final List<LoaderGap> gaps;
  private final Set<String> unfit = new HashSet<>();
  private final List<Plan.Warning> warnings = new ArrayList<>();
  private final List<Plan.Warning> fallbacks = new ArrayList<>();
  private final List<MarlinException> refusals = new ArrayList<>();

  private Planner(Model source, Recipe recipe, Path output) {
    this.model = Models.expertsApart(source);
    this.recipe = recipe;
    this.output = output;
    this.dialect = Target.named(recipe.target()).openDialect();
    DType dtype = model.dtype();
    this.schemes = SchemeAssignment.of(recipe, model.spec(), dtype, SchemeChoice.of(recipe, dtype));
    this.gaps = LoaderGap.of(model, Target.named(recipe.target()));
  }

  /// @param progress told the share of the source that was checked, 0 to 1
  public static Plan plan(
      Model model, Recipe recipe, Path output, Machine machine, DoubleConsumer progress) {
    return new Planner(model, recipe, output).make(machine, progress);
  }

  /// What would happen to every tensor, for trials that write nothing.
  ///
  /// @throws MarlinException the first reason why a scheme does not go into a matrix
  public static List<Step> steps(Model model, Recipe recipe) {
    Planner planner = new Planner(model, recipe, Path.of(""));
    planner.refuseQuantizedSource();
    List<Step> steps = planner.steps(planner.ignoredLinears());
    if (!planner.refusals.isEmpty()) {
      throw planner.refusals.getFirst();
    }
    return steps;
  }

  /// The linears among [#steps].
  public static List<Step.Quantize> quantized(Model model, Recipe recipe) {
    return steps(model, recipe).stream()
        .filter(Step.Quantize.class::isInstance)
        .map(Step.Quantize.class::cast)
        .toList();
  }

  private Plan make(Machine machine, DoubleConsumer progress) {
    refuseQuantizedSource();
    Set<ModelSpec.Linear> ignored = ignoredLinears();
    List<Step> steps = steps(ignored);
    SourceCheck source = SourceCheck.of(model.checkpoint(), progress);
    Optional<ModuleImportance> importance = importance(steps);
    Optional<CalibrationSet> calibration = calibration();
    Estimate estimate = new Estimator(model.spec(), recipe, steps, calibration, machine).estimate();
    refusals.addAll(Resources.refusals(estimate, machine, output));
    return new Plan(
        recipe,
        model,
        output,
        dialect,
        steps,
        tensors(steps),
        dense(ignored),
        source,
        calibration,
        importance,
        warnings,
        fallbacks,
        estimate,
        refusals);
  }

  private void refuseQuantizedSource() {
    Map<String, PackedModule> modules = model.dialect().modules(model.config(), model.checkpoint());
    for (ModelSpec.Linear l : model.spec().linears()) {
      String module = module(l);
      PackedModule packed = modules.get(module);
      if (packed != null) {
        throw new MarlinException(
            ErrorCode.ALREADY_QUANTIZED,
            module,
            "the source is already quantized (" + packed.packing().name() + ")",
            "Quantize the original checkpoint: rounding twice loses quality and hides the loss.");
      }
    }
  }

  private Set<ModelSpec.Linear> ignoredLinears() {
    Set<ModelSpec.Linear> ignored = new HashSet<>();
    model.spec().linears().stream().filter(ModelSpec.Linear::exact).forEach(ignored::add);
    for (String text : recipe.ignore()) {
      ModulePattern pattern = ModulePattern.of(text);
      boolean used = pattern.matches(model.spec().module(model.spec().head().linear()));
      for (ModelSpec.Linear l : model.spec().linears()) {
        if (pattern.matches(module(l))) {
          ignored.add(l);
          used = true;
        }
      }
      if (!used) {
        throw new MarlinException(
            ErrorCode.BAD_FLAG,
            "--ignore " + text,
            "matches no linear module of this model",
            "`marlin inspect` lists the names, for example "
                + module(model.spec().linears().getFirst())
                + ".");
      }
    }
    refusals.addAll(schemes.refusals(model.spec(), ignored, Target.named(recipe.target())));
    ignored.addAll(schemes.kept());
    for (LoaderGap gap : gaps) {
      refusals.addAll(gap.refusals(ignored));
      gap.warning(ignored).ifPresent(this::fallback);
      ignored.addAll(gap.kept());
    }
    return ignored;
  }

  private void fallback(Plan.Warning warning) {
    warnings.add(warning);
    fallbacks.add(warning);
  }

  /// Kept tensors first (they need no calibration), then the linears in running order.
  private List<Step> steps(Set<ModelSpec.Linear> ignored) {
    List<ModelSpec.Linear> wanted =
        model.spec().linears().stream().filter(l -> !ignored.contains(l)).toList();
    TransposedMatrices.refusal(model.spec(), wanted, Target.named(recipe.target()))
        .ifPresent(refusals::add);
    Map<SchemeChoice, List<ModelSpec.Linear>> byScheme = new LinkedHashMap<>();
    wanted.forEach(
        l -> byScheme.computeIfAbsent(schemes.chosen().get(l), c -> new ArrayList<>()).add(l));
    byScheme.forEach((choice, linears) -> refuseWidths(choice, linears));
    List<Step.Quantize> quantize = new ArrayList<>();
    Set<String> replaced = new HashSet<>();
    for (ModelSpec.Linear l : wanted) {
      Optional<Step.Quantize> step = step(l, schemes.chosen().get(l));
      step.ifPresentOrElse(
          q -> {
            quantize.add(q);
            replaced.add(q.source().name());
          },
          () -> unfit.add(model.spec().tensor(l)));
    }
    List<Step> steps = new ArrayList<>();
    Map<String, String> reasons = reasons(ignored);
    for (TensorInfo t : model.checkpoint().tensors().values()) {
      if (!replaced.contains(t.name())) {
        steps.add(new Step.Keep(t, reason(t, reasons)));
      }
    }
    steps.addAll(quantize);
    return steps;
  }

  private void refuseWidths(SchemeChoice choice, List<ModelSpec.Linear> linears) {
    Packing packing = choice.packing();
    if (!new BlockWidths(packing).standIns()) {
      refusals.addAll(widths(choice).refusals(linears, this::module));
      refusals.addAll(Widths.layoutRefusals(linears, packing, this::module));
    }
  }

  private Widths widths(SchemeChoice choice) {
    return new Widths(
        schemeName(choice),
        choice.packing().scheme().columnMultiple(),
        choice.groupSize() > 0,
        fixedBlock());
  }

  /// Columns that the recipe's transform takes together; 1 where each input has one that fits it.
  private int fixedBlock() {
    return Transforms.chosen(recipe.transform())
        ? 1
        : Transforms.of(recipe.transform()).online().map(InputTransform::blockSize).orElse(1);
  }

  /// What happens to one linear; empty where its width does not fit.
  private Optional<Step.Quantize> step(ModelSpec.Linear l, SchemeChoice choice) {
    BlockWidths blocks = new BlockWidths(choice.packing());
    blocks.warning(module(l), l.in()).ifPresent(this::fallback);
    Optional<Packing> packing = blocks.packing(l.in());
    boolean fits =
        blocks.standIns() || widths(choice).fit(l) && Widths.refusal(l, choice.packing()).isEmpty();
    if (packing.isEmpty() || !fits) {
      return Optional.empty();
    }
    Activations activations = choice.scheme().activations();
    return Optional.of(
        new Step.Quantize(
            l,
            module(l),
            model.checkpoint().tensors().get(model.spec().tensor(l)),
            new StoredAs(
                schemeName(choice),
                packing.get(),
                activations,
                Transforms.candidates(recipe.transform(), l.in()).getFirst().online()),
            dialect.activationScale(activations)));
  }

  /// The recipe's own scheme without its group, which stands beside it; others with theirs.
  private String schemeName(SchemeChoice choice) {
    boolean own =
        choice.scheme().name().equals(recipe.scheme()) && choice.groupSize() == recipe.groupSize();
    return own ? recipe.schemeName() : choice.label();
  }

  /// Why the tensors of linears that are not quantized stay as they are.
  private Map<String, String> reasons(Set<ModelSpec.Linear> ignored) {
    Map<ModelSpec.Linear, String> kept = new HashMap<>();
    gaps.forEach(gap -> gap.kept().forEach(l -> kept.put(l, gap.reason())));
    Map<String, String> reasons = new HashMap<>();
    for (ModelSpec.Linear l : ignored) {
      String why = kept.getOrDefault(l, "ignored");
      if (l.exact()) {
        why = l.id().role() == Role.ROUTER ? "router, kept exact" : "kept exact";
      }
      reasons.put(model.spec().tensor(l), why);
    }
    return reasons;
  }

  private String reason(TensorInfo t, Map<String, String> ignored) {
    if (unfit.contains(t.name())) {
      return "its width does not fit";
    }
    ModelSpec spec = model.spec();
    String left = ignored.get(t.name());
    if (left != null) {
      return left;
    }
    String stem = t.name().replaceFirst("\\.(weight|bias)$", "");
    if (stem.equals(spec.module(spec.embedding().table()))) {
      return spec.head().tied() ? "embedding and head" : "embedding";
    }
    if (stem.equals(spec.names().module(spec.head().linear().id()))) {
      return "head";
    }
    return t.shape().size() == 1 ? "vector" : "not a linear of the declaration";
  }

  private SortedSet<String> dense(Set<ModelSpec.Linear> ignored) {
    SortedSet<String> dense = new TreeSet<>();
    String head = model.spec().names().module(model.spec().head().linear().id());
    dense.add(head);
    if (!head.endsWith("lm_head")) {
      // Transformers renames every head to this when it loads.
      dense.add("lm_head");
    }
    model.spec().projections().forEach(l -> dense.add(module(l)));
    ignored.forEach(l -> dense.add(module(l)));
    return dense;
  }

  private static List<TensorInfo> tensors(List<Step> steps) {
    List<TensorInfo> out = new ArrayList<>();
    for (Step s : steps) {
      switch (s) {
        case Step.Keep k -> out.add(k.tensor());
        case Step.Quantize q -> out.addAll(q.tensors());
      }
    }
    return out;
  }

  private Optional<CalibrationSet> calibration() {
    if (recipe.samples() == 0) {
      return Optional.empty();
    }
    return Optional.of(
        CalibrationTexts.load(
            recipe.dataset(), model, recipe.samples(), recipe.seqLen(), recipe.seed()));
  }

  /// What the importance file says about the weights that use it.
  private Optional<ModuleImportance> importance(List<Step> steps) {
    if (recipe.imatrix().isEmpty()) {
      return Optional.empty();
    }
    ModuleImportance importance =
        new ModuleImportance(
            ImportanceFile.read(Path.of(recipe.imatrix())),
            model.config(),
            model.spec().linears().stream().map(this::module).toList());
    SequencedMap<String, Integer> using = new LinkedHashMap<>();
    for (Step s : steps) {
      if (s instanceof Step.Quantize q && BlockWidths.usesImportance(q.packing())) {
        using.put(q.name(), q.linear().in());
      }
    }
    ImportanceGaps.of(importance, using)
        .forEach(g -> warnings.add(new Plan.Warning(g.code(), g.where(), g.message())));
    return Optional.of(importance);
  }

  private String module(ModelSpec.Linear l) {
    return model.spec().module(l);
  }
}
