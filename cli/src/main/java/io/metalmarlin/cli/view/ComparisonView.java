package io.metalmarlin.cli.view;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.cli.out.Json;
import io.metalmarlin.cli.out.Table;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The demo's table: one row per method. What was not measured is `-`, in JSON null with the
/// reason.
public final class ComparisonView {
  private static final String NOT_MEASURED = "not measured";

  private ComparisonView() {}

  /// One way to store the model.
  ///
  /// @param perplexity empty when nothing was measured
  /// @param kld mean KL divergence from the source
  /// @param top1 share of equal most probable tokens
  /// @param seconds of the work without the measurement
  /// @param peakMemory resident bytes at the peak of this method alone
  public record Row(
      String method,
      double bitsPerWeight,
      long bytes,
      OptionalDouble perplexity,
      OptionalDouble kld,
      OptionalDouble top1,
      OptionalDouble seconds,
      OptionalLong peakMemory) {}

  public static ArrayNode json(List<Row> rows) {
    ArrayNode array = Json.object().putArray("comparison");
    for (Row r : rows) {
      ObjectNode n = array.addObject();
      n.put("method", r.method());
      n.put("bits_per_weight", r.bitsPerWeight());
      n.put("bytes", r.bytes());
      Json.number(n, "perplexity", r.perplexity().orElse(Double.NaN), NOT_MEASURED);
      Json.number(n, "kld", r.kld().orElse(Double.NaN), NOT_MEASURED);
      Json.number(n, "top1", r.top1().orElse(Double.NaN), NOT_MEASURED);
      Json.number(n, "seconds", r.seconds().orElse(Double.NaN), NOT_MEASURED);
      r.peakMemory()
          .ifPresentOrElse(
              b -> n.put("peak_memory_bytes", b),
              () -> Json.missing(n, "peak_memory_bytes", NOT_MEASURED));
    }
    return array;
  }

  public static String text(List<Row> rows) {
    Table t =
        new Table(
            "method",
            ">bits per weight",
            ">size",
            ">perplexity",
            ">KLD",
            ">top-1",
            ">time",
            ">peak memory");
    for (Row r : rows) {
      t.row(
          r.method(),
          Figures.fixed(r.bitsPerWeight(), 3),
          Figures.bytes(r.bytes()),
          Figures.fixed(r.perplexity().orElse(Double.NaN), 3),
          Figures.fixed(r.kld().orElse(Double.NaN), 5),
          Figures.fixed(r.top1().orElse(Double.NaN), 4),
          Figures.seconds(r.seconds().orElse(Double.NaN)),
          r.peakMemory().isPresent() ? Figures.bytes(r.peakMemory().getAsLong()) : Figures.NONE);
    }
    return t.text();
  }
}
