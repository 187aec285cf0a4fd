package io.metalmarlin.runtime.hub;

/// The server sends whole files only.
final class RangeIgnored extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RangeIgnored() {
    super("the server ignores ranges");
  }
}
