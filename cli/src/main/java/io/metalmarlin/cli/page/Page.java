package io.metalmarlin.cli.page;

import io.metalmarlin.quant.Version;
import io.metalmarlin.quant.report.ExpertTokens;
import io.metalmarlin.quant.report.Facts;
import io.metalmarlin.quant.report.RunReport.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/// The whole page: one file without scripts, without anything fetched from elsewhere, in the
/// reader's light or dark colours, for screens from 360 pixels on and for paper.
public final class Page {
  private static final List<Section> SECTIONS =
      List.of(
          new Section("quality", "Quality", f -> true, QualitySection::write),
          new Section("size", "Size", f -> true, SizeSection::write),
          new Section("bits", "Bits per layer", Page::matrices, BitsSection::write),
          new Section("errors", "Error per layer and role", Page::matrices, ErrorSection::write),
          new Section("sensitivity", "Sensitivity", Page::quantized, SensitivitySection::write),
          new Section(
              "experts",
              "Expert coverage",
              f -> ExpertTokens.mixture(f.run()),
              ExpertSection::write),
          new Section("calibration", "Calibration", Page::calibratable, CalibrationSection::write),
          new Section("command", "How it was made", f -> true, MakingSection::write),
          new Section("files", "Files", f -> true, FilesSection::write));

  private Page() {}

  private static boolean matrices(Facts facts) {
    return !facts.run().weights().isEmpty();
  }

  private static boolean quantized(Facts facts) {
    return facts.run().kind() == Kind.QUANTIZE;
  }

  private static boolean calibratable(Facts facts) {
    return quantized(facts) || facts.run().importance().isPresent();
  }

  /// The page as text, to be stored in UTF-8.
  public static String of(Facts facts) {
    Html html = new Html();
    html.open("html", "lang", "en");
    head(html, facts);
    html.open("body");
    html.leaf("a", "Skip to the figures", "class", "skip", "href", "#main");
    html.open("div", "class", "sheet");
    Overview.write(html, facts);
    List<Section> sections = SECTIONS.stream().filter(s -> s.belongs().test(facts)).toList();
    html.open("nav", "aria-label", "Sections").open("ul");
    sections.forEach(s -> html.open("li").leaf("a", s.title(), "href", "#" + s.id()).close());
    html.close().close();
    html.open("main", "id", "main");
    sections.forEach(s -> s.write(html, facts));
    html.close();
    html.leaf(
        "footer",
        "Written by `marlin report`, marlin %s, from report.json (%s)%s. A figure that was not computed in the run that made the folder is not here."
            .formatted(
                Version.current(),
                facts.run().schema(),
                facts.run().files().isPresent() ? " and marlin-manifest.json" : ""));
    html.close().close().close();
    return html.page();
  }

  private static void head(Html html, Facts facts) {
    html.open("head").empty("meta", "charset", "utf-8");
    html.empty(
        "meta",
        "http-equiv",
        "Content-Security-Policy",
        "content",
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:");
    html.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    html.empty("meta", "name", "color-scheme", "content", "light dark");
    html.empty("meta", "name", "generator", "content", "metal-marlin " + Version.current());
    html.empty("link", "rel", "icon", "href", "data:,");
    html.leaf("title", facts.run().name() + " · marlin report");
    html.leaf("style", style()).close();
  }

  /// The sheet has none of the characters that HTML and XML would read differently inside of it.
  private static String style() {
    try (InputStream in = Objects.requireNonNull(Page.class.getResourceAsStream("page.css"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
