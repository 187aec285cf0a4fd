package io.metalmarlin.quant.job;

import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The divergence that a budget's allocation predicted beside the one of the written files.
///
/// @param predicted sum of the units' costs, in nats
/// @param measured mean over the proof's windows, in nats
public record Prediction(double predicted, double measured) {
  /// Beyond this factor, up or down, a prediction does not hold.
  public static final double FACTOR = 1.5;

  /// Empty without a budget, without a measured divergence, and where nothing was to be lost.
  ///
  /// @param allocation how a budget chose the schemes
  public static Optional<Prediction> of(JobResult result, Optional<JsonNode> allocation) {
    return allocation
        .map(a -> a.get("predicted_kld").asDouble())
        .filter(p -> p > 0)
        .flatMap(p ->
            result
                .proof()
                .flatMap(proof -> proof.result().divergence())
                .map(d -> new Prediction(p, d.mean().mean())));
  }

  /// How many times the prediction was measured.
  public double ratio() {
    return measured / predicted;
  }

  /// Whether the measured divergence is within [#FACTOR] of the prediction.
  public boolean holds() {
    return ratio() <= FACTOR && ratio() >= 1 / FACTOR;
  }

  /// For reports.
  public ObjectNode json() {
    ObjectNode n = JsonMapper.shared().createObjectNode();
    n.put("predicted_kld", predicted);
    n.put("measured_kld", measured);
    n.put("ratio", ratio());
    n.put("holds", holds());
    return n;
  }
}
