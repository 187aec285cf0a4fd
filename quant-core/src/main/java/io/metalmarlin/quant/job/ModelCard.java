package io.metalmarlin.quant.job;

import io.metalmarlin.formats.model.Activations;
import io.metalmarlin.quant.Version;
import io.metalmarlin.quant.plan.Plan;
import io.metalmarlin.quant.plan.Recipe;
import io.metalmarlin.quant.plan.Target;
import io.metalmarlin.runtime.eval.EvalResult;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/// The output's `README.md`: a Hugging Face model card with measured numbers only. Figures that
/// were not measured in the run are absent. Holds no time, so it repeats byte for byte.
final class ModelCard {
  private ModelCard() {}

  static String write(Plan plan, JobResult result, JobOptions options) {
    Recipe r = plan.recipe();
    String base = options.sourceName();
    StringBuilder card = new StringBuilder();
    header(card, base, r);
    card.append("# ").append(plan.output().getFileName()).append("\n\n");
    card.append(
        text(
            "%s quantized to %s by Metal Marlin %s with `%s` for %s.%n%n",
            base, r.schemeName(), Version.current(), r.method(), Target.named(r.target()).loads()));
    if (r.sparsity() != null) {
      card.append(
          text(
              "**Sparse, experimental.** Two of four consecutive weights are zero, chosen by %s, without"
                  + " training afterwards. Only `marlin run` and `marlin eval` (Metal Marlin) load these files;"
                  + " the layout is described in docs/formats/sparse24.md of its repository. Pruning half of"
                  + " the weights at once costs far more quality than 4-bit rounding: %s%n%n",
              r.sparsity().name().toLowerCase(Locale.ROOT),
              result.proof().isPresent()
                  ? "see the KL divergence below before using this model."
                  : "it was not measured in this run."));
    }
    card.append("| what | value |\n|---|---|\n");
    row(
        card,
        "bits per weight (quantized linears, scales included)",
        "%.4f",
        result.bitsPerWeight());
    schemes(card, plan);
    row(
        card,
        "size",
        "%.3f GiB (source %.3f GiB)",
        gib(result.outputBytes()),
        gib(plan.sourceBytes()));
    largest(card, result.layers());
    result.proof().ifPresent(p -> measured(card, p));
    if (activations(plan)) {
      card.append(
          text(
              "%nThe quantity measured is the loss of the weights: %s also quantizes the inputs of linears"
                  + " when%nit runs, and the figures above were computed with inputs in full precision.%n",
              r.scheme()));
    }
    card.append("\n## How it was made\n\n```\n");
    card.append(String.join(" ", options.command())).append("\n```\n\n");
    plan.calibration()
        .ifPresent(c ->
            card.append(
                text(
                    "Calibration: `%s`, %d windows of %d tokens, sha256 of the token ids `%s`.%n%n",
                    c.dataset(), c.samples(), c.seqLen(), c.sha256())));
    plan.importance()
        .ifPresent(i ->
            card.append(
                text(
                    "Importance of columns: `%s`, sha256 `%s`.%n%n",
                    i.file().path().getFileName(), i.file().sha256())));
    if (options.allocation() != null) {
      card.append(
          text(
              "Schemes were chosen for %s; costs: %s; `report.json` has each choice.%n%n",
              options.allocation().get("budget").asString(),
              options.allocation().get("costs").asString()));
    }
    unusual(card, plan, result.layers());
    experts(card, result.layers());
    card.append(
        text(
            "Per-weight errors are in `report.json`, of which `marlin report` makes a page, digests of every"
                + " file in `marlin-manifest.json`.%n`%s` has every setting, defaults included:"
                + " `marlin quantize MODEL --recipe %1$s` makes the same weights again.%n",
            OutputFiles.RECIPE));
    return card.toString();
  }

  private static boolean activations(Plan plan) {
    return plan.quantized().stream().anyMatch(q -> q.stored().activations() != Activations.NONE);
  }

  /// How many weights each scheme got, where there are several.
  private static void schemes(StringBuilder card, Plan plan) {
    Map<String, Long> counts = plan.schemes();
    if (counts.size() > 1) {
      row(
          card,
          "schemes (linears)",
          "%s",
          counts.entrySet().stream()
              .map(e -> e.getKey() + " (" + e.getValue() + ")")
              .collect(Collectors.joining(", ")));
    }
  }

  private static void header(StringBuilder card, String base, Recipe r) {
    card.append("---\n");
    card.append("base_model: ").append(base).append('\n');
    card.append("base_model_relation: quantized\n");
    card.append("quantized_by: metal-marlin\n");
    card.append("library_name: ")
        .append(r.target().equals("marlin") ? "marlin" : "transformers")
        .append('\n');
    card.append("pipeline_tag: text-generation\n");
    card.append("tags:\n- ").append(r.schemeName().toLowerCase(Locale.ROOT)).append('\n');
    card.append("- ").append(Target.named(r.target()).dialect()).append('\n');
    card.append("---\n\n");
  }

  private static void measured(StringBuilder card, JobOptions.Proof proof) {
    EvalResult e = proof.result();
    row(card, "perplexity, this model", "%.4f", e.perplexity().mean());
    e.divergence()
        .ifPresent(d -> {
          row(card, "perplexity, source", "%.4f", d.referencePerplexity());
          row(card, "mean KL divergence from the source (nats)", "%s", interval(d.mean()));
          row(
              card,
              "KL divergence, median / 99 %% / max",
              "%.5f / %.4f / %.3f",
              d.median(),
              d.p99(),
              d.max());
          row(card, "same most probable token", "%s", interval(d.top1()));
        });
    row(
        card,
        "protocol",
        "%s on `%s`, %d windows, %d positions, 95 %% intervals over windows",
        e.protocol(),
        proof.text(),
        e.windows(),
        e.scored());
  }

  /// The errors at the upper end of those in the report.
  private static void largest(StringBuilder card, List<LayerReport> layers) {
    layers.stream()
        .max(Comparator.comparingDouble(LayerReport::relativeError))
        .ifPresent(l ->
            row(
                card,
                "largest relative error of a weight, squared",
                "%.5f (`%s`)",
                l.relativeError(),
                l.module()));
    layers.stream()
        .filter(l -> l.relativeHessianError() != null)
        .max(Comparator.comparingDouble(ModelCard::weighted))
        .ifPresent(l ->
            row(
                card,
                "the same weighted by calibration tokens",
                "%.5f (`%s`)",
                weighted(l),
                l.module()));
  }

  private static double weighted(LayerReport l) {
    return Objects.requireNonNull(l.relativeHessianError());
  }

  /// How experts were solved that few calibration tokens reached.
  private static void experts(StringBuilder card, List<LayerReport> layers) {
    long leaning = layers.stream().filter(l -> l.ownShare() < 1).count();
    long rounded = layers.stream().filter(l -> l.fallback() != null).count();
    if (leaning + rounded > 0) {
      card.append(
          text(
              "Experts: %d weights lean on the statistics of their layer's other experts, because few"
                  + " calibration tokens reached%nthem; %d were rounded, because none did.%n%n",
              leaning, rounded));
    }
  }

  private static void unusual(StringBuilder card, Plan plan, List<LayerReport> layers) {
    long retried = layers.stream().filter(l -> l.dampingRetries() > 0).count();
    long dead = layers.stream().filter(l -> l.deadColumns() > 0).count();
    card.append(
        text(
            "Fallbacks: %s. Weights whose damping was raised: %d of %d. Weights with inputs that were"
                + " never active in calibration: %d.%n%n",
            plan.fallbacks().isEmpty()
                ? "none"
                : plan.fallbacks().size() + " weights in another type (`report.json` names them)",
            retried,
            layers.size(),
            dead));
  }

  private static String interval(EvalResult.Interval i) {
    return text("%.5f [%.5f, %.5f]", i.mean(), i.low(), i.high());
  }

  private static void row(StringBuilder card, String what, String format, Object... values) {
    card.append("| ")
        .append(what.replace("%%", "%"))
        .append(" | ")
        .append(text(format, values))
        .append(" |\n");
  }

  private static double gib(long bytes) {
    return bytes / (double) (1L << 30);
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values).replace(System.lineSeparator(), "\n");
  }
}
