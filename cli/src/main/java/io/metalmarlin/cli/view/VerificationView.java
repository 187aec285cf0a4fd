package io.metalmarlin.cli.view;

import io.metalmarlin.cli.out.Json;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.quant.verify.Finding;
import io.metalmarlin.quant.verify.Subject;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What `verify` found, for machines and people.
///
/// @param path as it was found
/// @param findings in the order in which they are printed
/// @param compared empty without `--against`
public record VerificationView(
    Path path, Subject subject, List<Finding> findings, Optional<ComparedWith> compared) {
  public long errors() {
    return findings.stream().filter(Finding::isError).count();
  }

  public long warnings() {
    return findings.size() - errors();
  }

  /// `1 error, 2 warnings`.
  public String summary() {
    return counted(errors(), "error") + ", " + counted(warnings(), "warning");
  }

  private static String counted(long n, String what) {
    return n + " " + what + (n == 1 ? "" : "s");
  }

  public ObjectNode json() {
    ObjectNode n = Json.object();
    n.put("path", path.toString());
    n.put("dialect", subject.dialect().map(Dialect::name).orElse(null));
    n.put("target", subject.target().map(t -> t.target()).orElse(null));
    n.put("rules_from_version", version().orElse(null));
    n.put("tp", subject.tp());
    n.put("tensors", subject.checkpoint().tensors().size());
    n.put("modules", subject.modules().size());
    n.put("errors", errors());
    n.put("warnings", warnings());
    ArrayNode list = n.putArray("findings");
    for (Finding f : findings) {
      list.addObject()
          .put("severity", f.severity().word())
          .put("code", f.code())
          .put("where", f.where())
          .put("reason", f.reason())
          .put("remedy", f.remedy());
    }
    compared.ifPresentOrElse(
        c -> n.set("against", c.json()),
        () -> Json.missing(n, "against", "no --against was given"));
    return n;
  }

  /// The version of the target whose rules were used; empty where those have no number.
  private Optional<String> version() {
    return subject.target().map(t -> t.version().toString()).filter(v -> !v.equals("0"));
  }

  /// A line per finding, then one line about the whole.
  public String text() {
    StringBuilder s = new StringBuilder();
    for (Finding f : findings) {
      s.append(
          "%s[%s] %s: %s. %s%n"
              .formatted(
                  f.severity().word(),
                  f.code(),
                  oneLine(f.where()),
                  withoutStop(oneLine(f.reason())),
                  oneLine(f.remedy())));
    }
    s.append(
        "%s: %s%s%n"
            .formatted(
                oneLine(path.toString()),
                findings.isEmpty() ? "nothing wrong" : summary(),
                subject
                    .target()
                    .map(t -> ", for " + t.target() + version().map(v -> " " + v).orElse(""))
                    .orElse("")));
    compared.ifPresent(c -> s.append(c.text()));
    return s.toString();
  }

  /// Names in a file somebody else made may hold line ends and control characters.
  private static String oneLine(String text) {
    return text.replaceAll("\\s+", " ").replaceAll("\\p{Cntrl}", "?").strip();
  }

  private static String withoutStop(String text) {
    return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
  }
}
