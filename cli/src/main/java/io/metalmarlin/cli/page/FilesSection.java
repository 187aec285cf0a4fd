package io.metalmarlin.cli.page;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.quant.report.Facts;
import io.metalmarlin.quant.report.FileLists;
import io.metalmarlin.quant.report.FileLists.Listed;
import io.metalmarlin.quant.report.Gap;
import java.util.List;

/// Digests of what went in and what came out.
final class FilesSection {
  private FilesSection() {}

  static void write(Html html, Facts facts) {
    facts.gap(Gap.Topic.FILES).ifPresent(g -> Section.gap(html, g));
    facts.run().files().ifPresent(f -> lists(html, f));
  }

  private static void lists(Html html, FileLists files) {
    html.leaf(
        "p",
        "As marlin-manifest.json lists them; `marlin verify` compares the output's with the files.");
    table(html, "Source", files.source());
    table(html, "Output", files.output());
  }

  private static void table(Html html, String caption, List<Listed> files) {
    Tables t = Tables.open(html, caption, List.of("File", ">Bytes", "Digest"));
    files.forEach(f -> t.row(f.file(), Figures.count(f.bytes()), f.digest()));
    t.close();
  }
}
