package io.metalmarlin.cli.view;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.cli.out.Table;
import io.metalmarlin.quant.sensitivity.Sensitivities;
import io.metalmarlin.quant.sensitivity.Sensitivities.Cost;
import io.metalmarlin.quant.sensitivity.Sensitivities.UnitCosts;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ObjectNode;

/// [Sensitivities] for machines and people.
public final class SensitivityView {
  private static final int BAR = 40;

  private SensitivityView() {}

  /// The file that `quantize --sensitivities` reads.
  public static ObjectNode json(Sensitivities s) {
    return Records.JSON.valueToTree(s);
  }

  /// As the file holds it.
  public static String pretty(ObjectNode json) {
    return json.toPrettyString() + "\n";
  }

  /// A table of units by schemes, the sums under it, and a chart of the base scheme.
  public static String text(Sensitivities s) {
    List<String> headings = new ArrayList<>(List.of("unit", ">weights"));
    s.schemes().forEach(name -> headings.add(">" + name));
    Table t = new Table(headings.toArray(String[]::new));
    List<String> bits = new ArrayList<>(List.of("bits per weight", ""));
    List<String> sums = new ArrayList<>(List.of("sum (all units in it)", ""));
    double weights = s.units().stream().mapToLong(UnitCosts::weights).sum();
    for (String scheme : s.schemes()) {
      List<Cost> costs = s.units().stream().map(u -> u.under(scheme)).toList();
      bits.add(Figures.fixed(costs.stream().mapToDouble(Cost::bits).sum() / weights, 3));
      sums.add(kld(costs.stream().mapToDouble(Cost::kld).sum()));
    }
    t.row(bits.toArray(String[]::new));
    for (UnitCosts u : s.units()) {
      List<String> row = new ArrayList<>(List.of(u.unit(), Figures.count(u.weights())));
      s.schemes().forEach(scheme -> row.add(kld(u.under(scheme).kld())));
      t.row(row.toArray(String[]::new));
    }
    t.row(sums.toArray(String[]::new));
    return t.text() + "\n" + chart(s) + "\n" + last(s);
  }

  /// One bar a unit, as long as what it costs for a million weights under the base scheme.
  private static String chart(Sensitivities s) {
    Table t = new Table(s.base() + ", KLD per million weights", ">", "");
    double most = s.units().stream().mapToDouble(u -> density(s, u)).max().orElse(0);
    for (UnitCosts u : s.units()) {
      double density = density(s, u);
      int length = most > 0 ? (int) Math.round(BAR * density / most) : 0;
      t.row(u.unit(), kld(density), "#".repeat(length));
    }
    return t.text();
  }

  private static double density(Sensitivities s, UnitCosts u) {
    return u.under(s.base()).kld() * 1e6 / u.weights();
  }

  private static String last(Sensitivities s) {
    String fast =
        s.mode().equals(Sensitivities.FAST)
            ? "fast: only %s was run, the others follow from how far they move the weights%n"
                .formatted(s.base())
            : "";
    String rank =
        s.rankCorrelation() == null
            ? ""
            : String.format(
                Locale.ROOT,
                "rank correlation of the fast mode (from %s) with what was measured: %.3f%n",
                s.base(),
                s.rankCorrelation());
    return fast
        + rank
        + "mean KL divergence of the output (nats) with one unit rounded by %s, %d windows of %d tokens of %s, for %s, %s%n"
            .formatted(
                s.method(),
                s.windows(),
                s.context(),
                s.dataset(),
                s.target(),
                Figures.seconds(s.seconds()));
  }

  private static String kld(double v) {
    return String.format(Locale.ROOT, v != 0 && Math.abs(v) < 1e-4 ? "%.1e" : "%.5f", v);
  }
}
