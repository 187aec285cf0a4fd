package io.metalmarlin.cli.command;

import io.metalmarlin.cli.out.Json;
import io.metalmarlin.quant.Version;
import picocli.CommandLine;
import tools.jackson.databind.node.ObjectNode;

/// `marlin version`.
@CommandLine.Command(
    name = "version",
    header = "Print the version of marlin and of the Java it runs on.",
    sortOptions = false)
final class VersionCommand extends Command {
  @Override
  public Outcome execute(Session session) {
    ObjectNode result = Json.object();
    result.put("version", Version.current());
    result.put("java", Runtime.version().toString());
    result.put("os", System.getProperty("os.name"));
    result.put("arch", System.getProperty("os.arch"));
    return Outcome.ok(
        result,
        "marlin %s (Java %s, %s %s)%n"
            .formatted(
                Version.current(),
                Runtime.version(),
                System.getProperty("os.name"),
                System.getProperty("os.arch")));
  }
}
