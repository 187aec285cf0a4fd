package io.metalmarlin.cli.view;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.cli.out.Json;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A continued prompt.
///
/// @param promptIds tokens of the prompt
/// @param ids tokens produced
/// @param text what they spell
/// @param prefillSeconds until the first token
/// @param decodeSeconds from the first token to the last
/// @param full whether it ended because no more tokens were asked for
public record GenerationView(
    int[] promptIds,
    List<Integer> ids,
    String text,
    double prefillSeconds,
    double decodeSeconds,
    boolean full) {
  private static final String TOO_FEW = "fewer than two tokens were produced";

  /// Tokens per second after the first one; NaN when there were not two.
  double decodeRate() {
    return ids.size() > 1 ? (ids.size() - 1) / decodeSeconds : Double.NaN;
  }

  private double prefillRate() {
    return ids.isEmpty() ? Double.NaN : promptIds.length / prefillSeconds;
  }

  public ObjectNode json(String prompt) {
    ObjectNode n = Json.object();
    n.put("prompt", prompt);
    ArrayNode in = n.putArray("prompt_ids");
    for (int id : promptIds) {
      in.add(id);
    }
    n.put("text", text);
    ArrayNode out = n.putArray("ids");
    ids.forEach(out::add);
    n.put("full", full);
    Json.number(n, "prompt_tokens_per_second", prefillRate(), "no token was produced");
    Json.number(n, "tokens_per_second", decodeRate(), TOO_FEW);
    return n;
  }

  /// One line for stderr.
  public String statistics() {
    return "prompt %d tokens, %s tok/s; produced %d tokens, %s tok/s"
        .formatted(
            promptIds.length,
            Figures.fixed(prefillRate(), 1),
            ids.size(),
            Figures.fixed(decodeRate(), 1));
  }
}
