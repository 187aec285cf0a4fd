package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.cli.page.Page;
import io.metalmarlin.cli.view.ReportView;
import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Durable;
import io.metalmarlin.quant.report.Facts;
import io.metalmarlin.quant.report.ReportReader;
import io.metalmarlin.quant.report.RunReport;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `marlin report DIR`: a page about an output folder, from what was recorded when it was made.
@CommandLine.Command(
    name = "report",
    header = "Write a page about an output folder: quality, sizes, errors, coverage, calibration.",
    description = {
      "DIR is an output of quantize or convert. One HTML file without scripts or network; nothing is",
      "measured again: what was not recorded is named with the command that records it."
    },
    sortOptions = false)
final class ReportCommand extends Command {
  @Parameters(paramLabel = "DIR", description = "Output folder of quantize or convert.")
  Path folder = Path.of("");

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE.html",
      description = "The page (DIR/report.html).")
  @Nullable Path output;

  @Option(
      names = "--sensitivities",
      paramLabel = "FILE",
      description = "Show the costs that marlin sensitivity measured of the source.")
  @Nullable Path sensitivities;

  @Option(names = "--overwrite", description = "Replace an existing page.")
  boolean overwrite;

  @Override
  public Outcome execute(Session session) {
    Path page = output == null ? folder.resolve("report.html") : output;
    String name = String.valueOf(page.getFileName()).toLowerCase(Locale.ROOT);
    if (!name.endsWith(".html") && !name.endsWith(".htm")) {
      throw UsageErrors.badValue("--output", page.toString(), "does not end in .html");
    }
    RunReport run = ReportReader.read(folder);
    if (sensitivities != null) {
      run = ReportReader.withCosts(run, sensitivities);
    }
    if (Files.exists(page) && !overwrite) {
      throw new MarlinException(
          ErrorCode.OUTPUT_EXISTS,
          page.toString(),
          "the page exists",
          "Give --overwrite to replace it, or another file with -o.");
    }
    Facts facts = Facts.of(run);
    Durable.write(page, Page.of(facts).getBytes(StandardCharsets.UTF_8));
    return Outcome.ok(ReportView.json(facts, page), ReportView.text(facts, page));
  }
}
