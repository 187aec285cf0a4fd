package io.metalmarlin.quant.job;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.OutputFailure;
import io.metalmarlin.quant.plan.Plan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// The files of an output beside the tensors: configuration, what is carried over from the source,
/// and what is said about the run.
final class OutputFiles {
  /// What a loader or a reader of the output needs from the source: tokenizer, generation settings,
  /// chat template, processors, licence. Measurements and indexes of the source do not belong to
  /// the output.
  private static final Pattern CARRIED =
      Pattern.compile(
          "(tokenizer|chat_template|special_tokens|added_tokens|generation_config|preprocessor|processor"
              + "|video_preprocessor|vocab|merges|license|licence|notice|use_policy).*|.*\\.(model|tiktoken)");

  private final Plan plan;
  private final Path folder;

  OutputFiles(Plan plan, Path folder) {
    this.plan = plan;
    this.folder = folder;
  }

  /// `config.json` and the dialect's other documents; written first, so that the partial output can
  /// be opened as a model.
  void writeDocuments() {
    plan.documents().forEach((name, json) -> write(name, JsonText.pretty(json)));
  }

  /// Tokenizer, generation settings, chat template and licence, unchanged.
  void copySidecars() {
    for (Path p : sidecars()) {
      // Contents only: a read-only source must not make the output read-only.
      write(p.getFileName().toString(), contents(p));
    }
  }

  /// Recipe, report, card and (last, over all other files) the manifest.
  void writeReports(JobResult result, JobOptions options) {
    write("recipe.yaml", RecipeYaml.write(plan, options.sourceName()));
    write("report.json", JsonText.pretty(ReportJson.of(plan, result)));
    write("README.md", ModelCard.write(plan, result, options));
    JsonNode manifest = Manifest.of(plan, result, folder);
    write("marlin-manifest.json", JsonText.pretty(manifest));
  }

  private List<Path> sidecars() {
    List<Path> found = new ArrayList<>();
    Path source = plan.model().folder();
    if (!Files.isDirectory(source)) {
      return found;
    }
    try (DirectoryStream<Path> all = Files.newDirectoryStream(source, Files::isRegularFile)) {
      all.forEach(p -> {
        if (CARRIED.matcher(p.getFileName().toString().toLowerCase(Locale.ROOT)).matches()) {
          found.add(p);
        }
      });
    } catch (IOException e) {
      throw unreadable(source, e);
    }
    found.sort(Comparator.naturalOrder());
    return found;
  }

  private static byte[] contents(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private void write(String name, String text) {
    write(name, text.getBytes(StandardCharsets.UTF_8));
  }

  private void write(String name, byte[] content) {
    try {
      Files.write(folder.resolve(name), content);
    } catch (IOException e) {
      throw OutputFailure.of(folder.resolve(name), e);
    }
  }

  private static MarlinException unreadable(Path where, IOException e) {
    return new MarlinException(
        ErrorCode.FILE_UNREADABLE,
        where.toString(),
        "cannot be read: " + e.getMessage(),
        "Check the file and its permissions.",
        e);
  }
}
