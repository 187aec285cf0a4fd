package io.metalmarlin.cli.view;

import io.metalmarlin.cli.out.Envelope;
import io.metalmarlin.cli.out.Failure;
import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.cli.out.Table;
import io.metalmarlin.quant.convert.ConvertPlan;
import io.metalmarlin.quant.convert.ConvertStep;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A [ConvertPlan]: what becomes of every tensor, and every refusal.
public final class ConvertPlanView {
  private ConvertPlanView() {}

  /// @param refusals every reason not to run, the plan's and the output folder's
  public static ObjectNode json(ConvertPlan p, List<Failure> refusals) {
    ObjectNode n = ConvertView.head(p);
    ArrayNode tensors = n.putArray("tensors");
    for (ConvertStep s : p.steps()) {
      ObjectNode t = tensors.addObject();
      t.put("name", s.name());
      t.put("action", action(s));
      t.put("from", s.from());
      t.put("to", s.to());
      t.put("source_bytes", s.sourceBytes());
      t.put("output_bytes", s.outputBytes());
    }
    p.dropped().forEach(n.putArray("dropped")::add);
    ArrayNode list = n.putArray("refusals");
    refusals.forEach(f -> list.add(Envelope.error(f)));
    return n;
  }

  /// Table of tensors and a summary.
  public static String text(ConvertPlan p) {
    Table t = new Table("tensor", "action", "from", "to", ">before", ">after");
    for (ConvertStep s : p.steps()) {
      t.row(
          s.name(),
          action(s),
          s.from(),
          s.to(),
          Figures.bytes(s.sourceBytes()),
          Figures.bytes(s.outputBytes()));
    }
    return t.text()
        + "\n"
        + ("convert  %s -> %s%n".formatted(p.source().dialect().name(), p.request().to().name()))
        + ("output   %s%n".formatted(p.output()))
        + ("size     %s -> %s%n"
            .formatted(Figures.bytes(p.sourceBytes()), Figures.bytes(p.outputBytes())))
        + ("rounded  %d of %d%n".formatted(p.rounding(), p.steps().size()));
  }

  static String action(ConvertStep s) {
    return switch (s) {
      case ConvertStep.Keep k -> "keep";
      case ConvertStep.Cast c -> "cast";
      case ConvertStep.Number n -> "scale";
      case ConvertStep.Repack r -> "repack";
      case ConvertStep.Requantize q -> "requantize";
      case ConvertStep.Dequantize d -> "dequantize";
    };
  }
}
