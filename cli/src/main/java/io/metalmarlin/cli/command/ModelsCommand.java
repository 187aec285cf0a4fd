package io.metalmarlin.cli.command;

import io.metalmarlin.cli.out.Json;
import io.metalmarlin.cli.out.Table;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.arch.Architectures;
import picocli.CommandLine;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `marlin models`: what the registry of architectures holds.
@CommandLine.Command(
    name = "models",
    header = "List the model families this version runs and quantizes.",
    sortOptions = false)
final class ModelsCommand extends Command {
  @Override
  public Outcome execute(Session session) {
    Table table = new Table("model_type", "run", "eval", "quantize");
    ObjectNode result = Json.object();
    ArrayNode list = result.putArray("models");
    for (Architecture a : Architectures.ALL) {
      table.row(a.modelType(), "yes", "yes", "yes");
      list.addObject().put("model_type", a.modelType());
    }
    return Outcome.ok(result, table.text());
  }
}
