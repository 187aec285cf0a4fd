package io.metalmarlin.quant.sensitivity;

/// A signal came while costs were measured; nothing was kept.
public final class Stopped extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public Stopped() {
    super("stopped");
  }
}
