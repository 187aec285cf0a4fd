package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.Activations;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.NamedScheme;
import io.metalmarlin.formats.model.NamedSchemes;
import io.metalmarlin.quant.solve.Method;
import io.metalmarlin.quant.solve.PruneRule;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import io.metalmarlin.quant.transform.Transform;
import io.metalmarlin.quant.transform.Transforms;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.arch.Architectures;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// Fills in what the user left open. Every given choice is honoured or refused, never ignored.
public final class Recipes {
  public static final String DEFAULT_SCHEME = "NVFP4A16";
  public static final String DEFAULT_METHOD = "full";
  public static final String DEFAULT_TARGET = "vllm";
  public static final String DEFAULT_DATASET = "embedded:calibration";
  public static final int DEFAULT_SAMPLES = 32;
  public static final int DEFAULT_SEQ_LEN = 2048;

  private static final List<String> TRANSFORMS =
      Stream.concat(Transforms.ALL.stream().map(Transform::name), Stream.of(Transforms.EACH))
          .toList();

  private Recipes() {}

  /// @throws MarlinException `BAD_FLAG` for an unknown name or a flag without effect,
  ///   `TARGET_CANNOT` for what the target cannot run
  public static Recipe resolve(RecipeRequest ask, Model model) {
    Target target = Target.named(ask.target().orElse(DEFAULT_TARGET));
    Dialect dialect = target.openDialect();
    Method method = BlockRecipes.method(ask);
    PruneRule sparsity = Sparsities.resolve(ask, method);
    SchemeChoice choice =
        SchemeChoice.of(
            ask.scheme().orElse(DEFAULT_SCHEME),
            ask.groupSize(),
            sparsity != null,
            target,
            model.dtype());
    boolean calibrated = method.needsStatistics() && ask.imatrix().isEmpty();
    if (calibrated && !model.spec().runnable()) {
      throw unknownFamily(model, method.name());
    }
    refuseUnusedCalibrationFlags(ask, method);
    BlockRecipes.check(ask, method);
    requireActivationScales(choice.scheme(), dialect, method);
    List<SchemeRule> rules = rules(ask, model, target, choice, dialect, method);
    int seqLen = ask.seqLen().orElse(Math.min(DEFAULT_SEQ_LEN, model.spec().maxPositions()));
    int samples = ask.samples().orElse(DEFAULT_SAMPLES);
    requirePositive("--samples", samples);
    requirePositive("--seq-len", seqLen);
    if (calibrated && seqLen > model.spec().maxPositions()) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          "--seq-len " + seqLen,
          "the model's longest context is " + model.spec().maxPositions() + " tokens",
          "Use --seq-len " + model.spec().maxPositions() + " or less.");
    }
    ScaleRule scales = FeedbackRules.scales(ask, method, choice.scheme().weights());
    ColumnOrder order = FeedbackRules.order(ask, method, scales);
    FeedbackRules.checkSparsity(sparsity != null, ask, method, scales, order);
    String fold = Folds.resolve(ask, method, choice.scheme(), calibrated);
    return new Recipe(
        choice.scheme().name(),
        choice.groupSize(),
        sparsity,
        method.name(),
        target.name(),
        scales,
        transform(ask, method, target, dialect, model.spec(), fold),
        FeedbackRules.damping(ask, method),
        FeedbackRules.shrink(ask, method),
        order,
        FeedbackRules.refine(ask, method),
        Drift.resolve(ask, method, calibrated),
        fold,
        calibrated ? ask.dataset().orElse(DEFAULT_DATASET) : "",
        calibrated ? samples : 0,
        calibrated ? seqLen : 0,
        ask.imatrix().map(Object::toString).orElse(""),
        ask.ignore(),
        rules,
        ask.seed());
  }

  /// What the scheme's mix asks for, then the user's overrides under canonical names.
  private static List<SchemeRule> rules(
      RecipeRequest ask,
      Model model,
      Target target,
      SchemeChoice base,
      Dialect dialect,
      Method method) {
    List<SchemeRule> rules = new ArrayList<>();
    BlockMixes.named(base.scheme().name())
        .ifPresent(m -> rules.addAll(BlockMixes.overrides(m, Models.expertsApart(model).spec())));
    MlxMix.named(base.scheme().name())
        .ifPresent(m -> rules.addAll(m.rules(base.groupSize(), Models.expertsApart(model).spec())));
    for (String text : ask.overrides()) {
      SchemeRule rule = SchemeRule.parse(text);
      if (rule.scheme().equalsIgnoreCase(SchemeRule.SOURCE)
          || rule.scheme().equalsIgnoreCase(model.dtype().name())) {
        rules.add(new SchemeRule(rule.pattern(), SchemeRule.SOURCE));
        continue;
      }
      SchemeChoice choice = choice(rule, base, target, model);
      requireActivationScales(choice.scheme(), dialect, method);
      rules.add(new SchemeRule(rule.pattern(), choice.label()));
    }
    if (ask.sparsity().filter(s -> !s.equals("none")).isPresent() && !rules.isEmpty()) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          "--override",
          "does not go together with --sparsity 2:4, which prunes all weights alike",
          "Leave one of them out.");
    }
    BlockRecipes.check(rules, method);
    return lasting(rules);
  }

  /// Without rules that an equal one repeats later: a saved recipe names those of its mix as well.
  private static List<SchemeRule> lasting(List<SchemeRule> rules) {
    return new ArrayList<>(new LinkedHashSet<>(rules.reversed())).reversed();
  }

  /// Integers without a group get the recipe's, where it has one.
  private static SchemeChoice choice(
      SchemeRule rule, SchemeChoice base, Target target, Model model) {
    SchemeName name = SchemeName.parse(rule.scheme());
    boolean open =
        name.groupSize().isEmpty()
            && base.groupSize() != 0
            && NamedSchemes.entry(name.name()).filter(NamedSchemes.Entry::grouped).isPresent();
    String text = open ? SchemeName.text(name.name(), base.groupSize()) : rule.scheme();
    try {
      return SchemeChoice.of(text, target, model.dtype());
    } catch (MarlinException e) {
      throw new MarlinException(
          e.code(), "--override " + rule.text(), e.where() + ": " + e.getMessage(), e.hint(), e);
    }
  }

  private static MarlinException unknownFamily(Model model, String method) {
    return new MarlinException(
        ErrorCode.UNSUPPORTED_MODEL,
        model.config().file().toString(),
        "--method %s runs the model, and model_type \"%s\" is not known"
            .formatted(method, model.spec().family()),
        "Use --method rtn, which needs names and shapes only. Families that run: "
            + Architectures.names()
            + ".");
  }

  /// A scheme whose loaders expect a calibrated scale of every input needs calibration.
  private static void requireActivationScales(NamedScheme scheme, Dialect dialect, Method method) {
    if (method.needsStatistics() || dialect.activationScale(scheme.activations()).isEmpty()) {
      return;
    }
    String without = scheme.activations() == Activations.NVFP4 ? "NVFP4A16" : "FP8_DYNAMIC";
    throw new MarlinException(
        ErrorCode.BAD_FLAG,
        "--method " + method.name(),
        "uses no calibration data, and %s stores the calibrated scale of every input"
            .formatted(scheme.name()),
        "Use --method gptq or mr-gptq, or --scheme " + without + ".");
  }

  private static void refuseUnusedCalibrationFlags(RecipeRequest ask, Method method) {
    if (method.needsStatistics()) {
      return;
    }
    refuseIf(ask.dataset().isPresent(), "--dataset", method);
    refuseIf(ask.samples().isPresent(), "--samples", method);
    refuseIf(ask.seqLen().isPresent(), "--seq-len", method);
    refuseIf(ask.damping().isPresent(), "--damp", method);
    refuseIf(ask.shrink().isPresent(), "--shrink", method);
    refuseIf(ask.refine().isPresent(), "--refine", method);
    refuseIf(ask.order().isPresent(), "--order", method);
  }

  private static void refuseIf(boolean given, String flag, Method method) {
    if (given) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          flag,
          "has no effect with --method " + method.name() + ", which uses no calibration data",
          "Leave it out, or use a calibrated method such as " + DEFAULT_METHOD + ".");
    }
  }

  private static void requirePositive(String flag, int value) {
    if (value < 1) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          flag + " " + value,
          "must be at least 1",
          "Give a positive whole number.");
    }
  }

  private static String transform(
      RecipeRequest ask,
      Method method,
      Target target,
      Dialect dialect,
      ModelSpec spec,
      String fold) {
    String text = ask.transform().orElse("auto").toLowerCase(Locale.ROOT);
    if (text.equals("auto")) {
      boolean wanted =
          method.defaults().rotates()
              && dialect.runsInputTransforms()
              && !ask.sparsity().orElse("none").equals("2:4");
      return wanted ? widest(spec) : "none";
    }
    if (!TRANSFORMS.contains(text)) {
      throw unknown("--transform", text, "auto, " + String.join(", ", TRANSFORMS));
    }
    if (!text.equals("none") && !dialect.runsInputTransforms()) {
      throw new MarlinException(
          ErrorCode.TARGET_CANNOT,
          "--transform " + text,
          "target " + target.name() + " does not apply an online Hadamard transform to activations",
          "Use --target marlin, or --transform none.");
    }
    if (Transforms.chosen(text) && !Folds.chosen(fold)) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          "--transform " + text,
          "is tried together with --fold auto, which is off here",
          "Name one transform for all inputs, or use --method full.");
    }
    return text;
  }

  private static String widest(ModelSpec spec) {
    int[] widths =
        spec.linears().stream().filter(l -> !l.exact()).mapToInt(ModelSpec.Linear::in).toArray();
    return Transforms.fitting(widths).getFirst().name();
  }

  static MarlinException unknown(String flag, String value, String known) {
    return new MarlinException(
        ErrorCode.BAD_FLAG,
        flag + " " + value,
        "is not a known value",
        "Use one of " + known + ".");
  }
}
