package io.metalmarlin.cli.out;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The one JSON object that `--json` prints, on success and on failure alike: `schema`, `status`,
/// `exit`, `result`, `warnings`, `error`. Keys are only added within a major version of the schema.
public final class Envelope {
  private Envelope() {}

  /// @param command names the schema: `marlin.<command>/1`
  /// @param result the command's own object, null when there is none
  /// @param failure null when the command ended well
  public static ObjectNode of(
      String command,
      @Nullable ObjectNode result,
      List<Warning> warnings,
      @Nullable Failure failure) {
    ObjectNode root = Json.object();
    root.put("schema", "marlin." + command + "/1");
    root.put("status", status(failure));
    root.put("exit", failure == null ? 0 : failure.exit());
    root.set("result", result);
    ArrayNode list = root.putArray("warnings");
    for (Warning w : warnings) {
      ObjectNode n = list.addObject();
      n.put("code", w.code());
      n.put("where", w.where());
      n.put("message", w.message());
    }
    root.set("error", failure == null ? null : error(failure));
    return root;
  }

  /// The `error` member: `code`, `where`, `message`, `hint`.
  public static ObjectNode error(Failure f) {
    ObjectNode n = Json.object();
    n.put("code", f.code());
    n.put("where", f.where());
    n.put("message", f.message());
    n.put("hint", f.hint());
    return n;
  }

  private static String status(@Nullable Failure f) {
    if (f == null) {
      return "ok";
    }
    return f.interrupted() ? "interrupted" : "error";
  }
}
