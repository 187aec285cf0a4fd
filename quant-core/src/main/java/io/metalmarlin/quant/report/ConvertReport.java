package io.metalmarlin.quant.report;

import io.metalmarlin.quant.report.RunReport.Kept;
import io.metalmarlin.quant.report.RunReport.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/// The report of `marlin convert`. Keys that older versions did not write are optional.
final class ConvertReport {
  /// Actions on tensors that are no packed matrices.
  private static final Set<String> KEEPING = Set.of("keep", "cast", "scale");

  private ConvertReport() {}

  static RunReport of(Part r, String name, Optional<FileLists> files) {
    List<Weight> weights = new ArrayList<>();
    List<Kept> kept = new ArrayList<>();
    boolean sizes = true;
    for (Part t : r.list("tensors")) {
      OptionalLong bytes = t.optionalCount("outputBytes");
      sizes &= bytes.isPresent();
      String action = t.text("action");
      if (!KEEPING.contains(action) || !t.flag("lossless")) {
        weights.add(weight(t, action));
      } else if (bytes.isPresent()) {
        kept.add(
            new Kept(
                t.text("name"),
                t.text("to"),
                t.count("elements"),
                t.count("sourceBytes"),
                bytes.getAsLong(),
                ""));
      }
    }
    Optional<Part> environment = r.part("environment");
    return new RunReport(
        Kind.CONVERT,
        name,
        r.text("schema"),
        environment.flatMap(e -> e.optionalText("marlin")).orElse(""),
        r.optionalText("source"),
        r.texts("command"),
        r.part("request").map(Part::words).orElseGet(LinkedHashMap::new),
        List.of(),
        r.count("source_bytes"),
        r.count("output_bytes"),
        r.number("seconds"),
        OptionalDouble.empty(),
        weights,
        sizes ? Optional.of(kept) : Optional.empty(),
        Optional.empty(),
        r.part("request").flatMap(q -> q.part("imatrix")).map(Part::words),
        Optional.empty(),
        Optional.empty(),
        QuantizeReport.notices(r),
        r.texts("dropped"),
        environment.map(Part::words).orElseGet(LinkedHashMap::new),
        files);
  }

  private static Weight weight(Part t, String action) {
    long elements = t.optionalCount("elements").orElse(0);
    OptionalLong bytes = t.optionalCount("outputBytes");
    return new Weight(
        t.text("name"),
        action,
        Optional.of(t.text("from")),
        t.text("to"),
        elements,
        bytes.isPresent() && elements > 0
            ? OptionalDouble.of(8.0 * bytes.getAsLong() / elements)
            : OptionalDouble.empty(),
        t.optionalCount("sourceBytes"),
        bytes,
        t.optionalNumber("relativeError"),
        OptionalDouble.empty(),
        (int) t.count("ulps"),
        Optional.empty());
  }
}
