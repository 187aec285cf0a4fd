package io.metalmarlin.cli.page;

import io.metalmarlin.quant.report.Facts;
import io.metalmarlin.quant.report.Gap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/// A part of the page under a heading of its own.
///
/// @param id where links lead
/// @param belongs whether a folder is of a kind that has it; a section that is only not recorded is
///   shown and says so
/// @param body writes everything below the heading
record Section(String id, String title, Predicate<Facts> belongs, BiConsumer<Html, Facts> body) {
  void write(Html html, Facts facts) {
    html.open("section", "id", id, "aria-labelledby", id + "-heading");
    html.leaf("h2", title, "id", id + "-heading");
    body.accept(html, facts);
    html.close();
  }

  /// Says that a part was not recorded, and which command would give it.
  static void gap(Html html, Gap gap) {
    html.open("div", "class", "gap");
    html.open("p").leaf("strong", "Not recorded.").text(" " + gap.why()).close();
    gap.command().ifPresent(c -> html.open("p").text("To have it: ").leaf("code", c).close());
    html.close();
  }
}
