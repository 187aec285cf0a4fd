package io.metalmarlin.runtime.hub;

/// The user stopped a download. What was fetched is kept; the same request goes on from there.
public final class StoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String spec;

  StoppedException(String spec) {
    super("stopped");
    this.spec = spec;
  }

  /// What was being downloaded, as the user wrote it.
  public String spec() {
    return spec;
  }
}
