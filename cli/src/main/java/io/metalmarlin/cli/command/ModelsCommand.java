package io.metalmarlin.cli.command;

import io.metalmarlin.cli.out.Json;
import io.metalmarlin.cli.out.Table;
import io.metalmarlin.cli.view.FamilyEvidence;
import picocli.CommandLine;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `marlin models`: the families of the registry, and what is proven for each.
@CommandLine.Command(
    name = "models",
    header = "List the model families this version runs and quantizes, and what proves it.",
    description = {
      "logits: small models whose hidden states, logits and greedy tokens equal transformers'.",
      "trained: trained models whose perplexities and greedy tokens do.",
      "quantized: methods whose output runs as the values that were written.",
      "metal: small models that run on the Metal backend with the same result."
    },
    sortOptions = false)
final class ModelsCommand extends Command {
  @Override
  public Outcome execute(Session session) {
    Table table = new Table("model_type", "logits", "trained", "quantized", "metal");
    ObjectNode result = Json.object();
    ArrayNode list = result.putArray("models");
    for (FamilyEvidence f : FamilyEvidence.all()) {
      table.row(
          f.family(),
          FamilyEvidence.cell(f.logits()),
          FamilyEvidence.cell(f.trained()),
          FamilyEvidence.cell(f.quantized()),
          FamilyEvidence.cell(f.metal()));
      ObjectNode n = list.addObject().put("model_type", f.family());
      f.logits().forEach(n.putArray("logits")::add);
      f.trained().forEach(n.putArray("trained")::add);
      f.quantized().forEach(n.putArray("quantized")::add);
      f.metal().forEach(n.putArray("metal")::add);
    }
    return Outcome.ok(result, table.text());
  }
}
