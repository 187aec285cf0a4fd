package io.metalmarlin.cli.command;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.cli.out.Json;
import io.metalmarlin.cli.out.Table;
import io.metalmarlin.cli.view.FormatEntry;
import io.metalmarlin.formats.model.Dialects;
import io.metalmarlin.quant.plan.Target;
import io.metalmarlin.quant.solve.Method;
import io.metalmarlin.quant.solve.Methods;
import io.metalmarlin.quant.transform.Transform;
import io.metalmarlin.quant.transform.Transforms;
import java.util.stream.Collectors;
import picocli.CommandLine;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `marlin formats`: what the registries of dialects, kernels, targets, methods and transforms
/// hold.
@CommandLine.Command(
    name = "formats",
    header = "List checkpoint formats, targets, schemes and methods of this version.",
    sortOptions = false)
final class FormatsCommand extends Command {
  @Override
  public Outcome execute(Session session) {
    ObjectNode result = Json.object();
    Table formats = new Table("format", "read", "run", "quantize --target", "convert --to");
    StringBuilder schemes = new StringBuilder();
    ArrayNode list = result.putArray("formats");
    for (FormatEntry f : Dialects.ALL.stream().map(FormatEntry::of).toList()) {
      formats.row(
          f.name(),
          "yes",
          f.run().word(),
          f.targets().isEmpty() ? Figures.NONE : String.join(", ", f.targets()),
          f.convert().orElse(Figures.NONE));
      schemes.append(written(f));
      list.add(json(f));
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
        "%s%n%s%n%s%nmethods     %s%ntransforms  %s%n"
            .formatted(formats.text(), schemes, targets.text(), methods, transforms));
  }

  /// The schemes of a format, with the sizes of groups that may be asked for.
  private static String written(FormatEntry f) {
    StringBuilder s = new StringBuilder();
    if (!f.schemes().isEmpty()) {
      String names =
          f.schemes().stream().map(FormatEntry.Written::toString).collect(Collectors.joining(", "));
      s.append("%s: %s%n".formatted(f.name(), names));
    }
    if (!f.blockTypes().isEmpty()) {
      s.append(
          "%s, convert --scheme only: %s%n".formatted(f.name(), String.join(", ", f.blockTypes())));
    }
    return s.toString();
  }

  private static ObjectNode json(FormatEntry f) {
    ObjectNode n = Json.object();
    n.put("name", f.name());
    n.put("read", true);
    n.put("run", f.run() != FormatEntry.Run.NO_MODEL);
    n.put("run_weights", f.run().word());
    f.targets().forEach(n.putArray("targets")::add);
    n.put("convert_to", f.convert().orElse(null));
    ArrayNode names = n.putArray("schemes");
    ArrayNode grids = n.putArray("grids");
    for (FormatEntry.Written w : f.schemes()) {
      names.add(w.scheme());
      ObjectNode grid = grids.addObject().put("scheme", w.scheme());
      w.groups().forEach(grid.putArray("group_sizes")::add);
    }
    f.blockTypes().forEach(n.putArray("block_types")::add);
    return n;
  }
}
