package io.metalmarlin.cli.command;

import io.metalmarlin.cli.out.Json;
import io.metalmarlin.cli.out.Table;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.Dialects;
import io.metalmarlin.formats.model.NamedScheme;
import io.metalmarlin.formats.model.NamedSchemes;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.quant.plan.Target;
import io.metalmarlin.quant.solve.Method;
import io.metalmarlin.quant.solve.Methods;
import io.metalmarlin.quant.transform.Transform;
import io.metalmarlin.quant.transform.Transforms;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import picocli.CommandLine;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `marlin formats`: what the registries of dialects, targets, methods and transforms hold.
@CommandLine.Command(
    name = "formats",
    header = "List checkpoint formats, targets, schemes and methods of this version.",
    sortOptions = false)
final class FormatsCommand extends Command {
  /// The user-level scheme names that a dialect has a packing for, in bf16 models.
  private static List<String> schemes(Dialect dialect) {
    return NamedSchemes.ALL.stream()
        .map(NamedSchemes.Entry::name)
        .map(name -> NamedSchemes.of(name, OptionalInt.empty(), DType.BF16).orElseThrow())
        .filter(s -> dialect.activations().contains(s.activations()))
        .filter(s -> dialect.packingFor(s.weights(), DType.BF16).isPresent())
        .map(NamedScheme::name)
        .toList();
  }

  @Override
  public Outcome execute(Session session) {
    ObjectNode result = Json.object();
    Table formats = new Table("format", "read", "run", "write as", "schemes");
    ArrayNode list = result.putArray("formats");
    for (Dialect d : Dialects.ALL) {
      List<String> schemes = schemes(d);
      List<String> targets =
          Target.ALL.stream().filter(t -> t.dialect().equals(d.name())).map(Target::name).toList();
      formats.row(
          d.name(),
          "yes",
          "yes",
          targets.isEmpty() ? "no" : "--target " + String.join(", ", targets),
          String.join(", ", schemes));
      ObjectNode n = list.addObject();
      n.put("name", d.name());
      targets.forEach(n.putArray("targets")::add);
      schemes.forEach(n.putArray("schemes")::add);
    }
    Table targets = new Table("target", "loaded by");
    ArrayNode targetList = result.putArray("targets");
    for (Target t : Target.ALL) {
      targets.row(t.name(), t.loads());
      targetList
          .addObject()
          .put("name", t.name())
          .put("format", t.dialect())
          .put("loaded_by", t.loads());
    }
    Methods.ALL.stream().map(Method::name).forEach(result.putArray("methods")::add);
    Transforms.ALL.stream().map(Transform::name).forEach(result.putArray("transforms")::add);
    String methods = Methods.ALL.stream().map(Method::name).collect(Collectors.joining(", "));
    String transforms =
        Transforms.ALL.stream().map(Transform::name).collect(Collectors.joining(", "));
    return Outcome.ok(
        result,
        "%s%n%s%nmethods     %s%ntransforms  %s%n"
            .formatted(formats.text(), targets.text(), methods, transforms));
  }
}
