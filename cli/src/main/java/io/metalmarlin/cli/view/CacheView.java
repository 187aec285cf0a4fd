package io.metalmarlin.cli.view;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.cli.out.Json;
import io.metalmarlin.runtime.backend.CacheUse;
import tools.jackson.databind.node.ObjectNode;

/// What a cache takes.
public final class CacheView {
  private CacheView() {}

  public static ObjectNode json(CacheUse use) {
    ObjectNode n = Json.object();
    n.put("format", use.format());
    n.put("bytes_per_token", use.bytesPerToken());
    n.put("positions", use.positions());
    n.put("bytes", use.bytes());
    n.put("state_bytes", use.stateBytes());
    return n;
  }

  /// One line.
  public static String text(CacheUse use) {
    return "kv cache %s: %s bytes a token, %s allocated for %s positions%s"
        .formatted(
            use.format(),
            Figures.count(use.bytesPerToken()),
            Figures.bytes(use.bytes()),
            Figures.count(use.positions()),
            use.stateBytes() == 0
                ? ""
                : "; " + Figures.bytes(use.stateBytes()) + " of recurrent states in fp32");
  }
}
