package io.metalmarlin.calibration;

/// `embedded:calibration`: texts of the distribution that the demo checkpoint was trained on.
public final class CalibrationCorpus extends EmbeddedCorpus {
  public CalibrationCorpus() {
    super("calibration");
  }
}
