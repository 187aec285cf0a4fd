package io.metalmarlin.quant.report;

import io.metalmarlin.quant.fold.Folding;
import io.metalmarlin.quant.report.RunReport.Calibration;
import io.metalmarlin.quant.report.RunReport.Kept;
import io.metalmarlin.quant.report.RunReport.Kind;
import io.metalmarlin.quant.report.RunReport.Notice;
import io.metalmarlin.quant.transform.Transforms;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SequencedMap;

/// The report of `marlin quantize`. Keys that older versions did not write are optional.
final class QuantizeReport {
  private QuantizeReport() {}

  static RunReport of(Part r, String name, Optional<FileLists> files) {
    Optional<Part> recipe = r.part("recipe");
    Optional<Part> allocation = r.part("allocation");
    List<Weight> weights = new ArrayList<>();
    for (Part l : r.list("layers")) {
      weights.add(weight(l));
    }
    return new RunReport(
        Kind.QUANTIZE,
        name,
        r.text("schema"),
        r.part("environment").flatMap(e -> e.optionalText("marlin")).orElse(""),
        r.optionalText("source"),
        r.texts("command"),
        recipe.map(QuantizeReport::settings).orElseGet(LinkedHashMap::new),
        recipe.map(QuantizeReport::rules).orElse(List.of()),
        r.count("source_bytes"),
        r.count("output_bytes"),
        r.number("seconds"),
        r.optionalNumber("bits_per_weight"),
        weights,
        r.parts("kept").map(all -> all.stream().map(QuantizeReport::kept).toList()),
        calibration(r, recipe, files),
        r.part("imatrix").map(Part::words),
        r.part("proof").map(Quality::of),
        allocation.flatMap(a -> a.part("sensitivities")).map(t -> Costs.of(t, allocation)),
        notices(r),
        List.of(),
        r.part("environment").map(Part::words).orElseGet(LinkedHashMap::new),
        files);
  }

  private static SequencedMap<String, String> settings(Part recipe) {
    SequencedMap<String, String> settings = recipe.words();
    settings.remove("rules");
    return settings;
  }

  private static List<String> rules(Part recipe) {
    return recipe.parts("rules").orElse(List.of()).stream()
        .map(r -> r.text("pattern") + "=" + r.text("scheme"))
        .toList();
  }

  private static Weight weight(Part l) {
    long rows = l.count("rows");
    long cols = l.count("cols");
    return new Weight(
        l.text("module"),
        "quantize",
        l.optionalText("sourceType"),
        l.text("scheme"),
        Math.multiplyExact(rows, cols),
        OptionalDouble.of(l.number("bitsPerWeight")),
        l.optionalCount("sourceBytes"),
        l.optionalCount("outputBytes"),
        l.optionalNumber("relativeError"),
        hessianError(l),
        0,
        Optional.of(
            new Weight.Solve(
                l.text("method"),
                cols,
                l.count("calibrationTokens"),
                l.optionalNumber("ownShare"),
                l.optionalText("fallback"),
                l.number("damping"),
                (int) l.count("dampingRetries"),
                deadColumns(l),
                l.optionalNumber("drift"),
                l.optionalText("fold").filter(f -> !f.equals(Folding.NONE)),
                l.optionalText("transform").filter(t -> !t.equals(Transforms.NONE.name())),
                l.number("seconds"))));
  }

  /// Where no token came there is nothing to weight an error with.
  private static OptionalDouble hessianError(Part l) {
    OptionalDouble error = l.optionalNumber("relativeHessianError");
    return l.count("calibrationTokens") == 0 && error.orElse(0) == 0
        ? OptionalDouble.empty()
        : error;
  }

  private static OptionalInt deadColumns(Part l) {
    OptionalLong dead = l.optionalCount("deadColumns");
    return dead.isPresent() ? OptionalInt.of((int) dead.getAsLong()) : OptionalInt.empty();
  }

  private static Kept kept(Part k) {
    return new Kept(
        k.text("name"),
        k.text("type"),
        k.count("elements"),
        k.count("bytes"),
        k.count("bytes"),
        k.text("reason"));
  }

  /// What older reports leave to the recipe and the manifest.
  private static Optional<Calibration> calibration(
      Part r, Optional<Part> recipe, Optional<FileLists> files) {
    Optional<Calibration> own =
        r.part("calibration")
            .map(c ->
                new Calibration(
                    c.text("dataset"),
                    c.count("samples"),
                    c.count("seq_len"),
                    c.optionalText("sha256")));
    return own.isPresent()
        ? own
        : recipe
            .filter(p -> p.optionalCount("samples").orElse(0) > 0)
            .map(p ->
                new Calibration(
                    p.text("dataset"),
                    p.count("samples"),
                    p.count("seqLen"),
                    files.flatMap(FileLists::calibration)));
  }

  static List<Notice> notices(Part r) {
    return r.parts("warnings").orElse(List.of()).stream()
        .map(w -> new Notice(w.text("code"), w.text("where"), w.text("message")))
        .toList();
  }
}
