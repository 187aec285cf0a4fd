package io.metalmarlin.calibration;

/// `embedded:evaluation`: texts that the demo checkpoint was not trained on and nothing is
/// calibrated on.
public final class EvaluationCorpus extends EmbeddedCorpus {
  public EvaluationCorpus() {
    super("evaluation");
  }
}
