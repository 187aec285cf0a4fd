package io.metalmarlin.quant.job;

import io.metalmarlin.quant.plan.Plan;
import io.metalmarlin.quant.plan.RecipeSettings;
import java.nio.file.Path;
import java.util.SequencedMap;
import tools.jackson.databind.JsonNode;

/// The files of an output beside the tensors: configuration, what is carried over from the source,
/// and what is said about the run.
final class OutputFiles {
  /// Name of the resolved recipe.
  static final String RECIPE = "recipe.yaml";

  private final Plan plan;
  private final OutputFolder folder;

  OutputFiles(Plan plan, Path folder) {
    this.plan = plan;
    this.folder = new OutputFolder(folder);
  }

  /// `config.json` and the dialect's other documents; written first, so that the partial output can
  /// be opened as a model.
  void writeDocuments() {
    plan.documents().forEach((name, json) -> folder.write(name, JsonText.pretty(json)));
  }

  /// Tokenizer, generation settings, chat template and licence, unchanged.
  void copySidecars() {
    folder.copySidecars(plan.model().folder());
  }

  /// Recipe, report, card and (last, over all other files) the manifest.
  void writeReports(JobResult result, JobOptions options) {
    folder.write(RECIPE, recipe(options));
    folder.write(OutputFolder.REPORT, JsonText.pretty(ReportJson.of(plan, result, options)));
    folder.write("README.md", ModelCard.write(plan, result, options));
    JsonNode manifest = Manifest.of(plan, result, folder.path());
    folder.write(OutputFolder.MANIFEST, JsonText.pretty(manifest));
  }

  /// Everything that was decided, in the form that `--recipe` takes.
  private String recipe(JobOptions options) {
    SequencedMap<String, Object> settings = RecipeSettings.of(plan.recipe());
    settings.putAll(options.proof());
    JsonNode chosen = options.allocation();
    return RecipeYaml.write(
        options.sourceName(), settings, chosen == null ? null : chosen.get("budget").asString());
  }
}
