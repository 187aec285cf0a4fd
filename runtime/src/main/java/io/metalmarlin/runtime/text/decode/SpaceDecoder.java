package io.metalmarlin.runtime.text.decode;

/// Puts a space between tokens.
final class SpaceDecoder extends Stage {
  private boolean begun;

  SpaceDecoder(TextSink next) {
    super(next);
  }

  @Override
  protected void accept(String whole) {
    next.token(begun ? " " + whole : whole);
    begun = true;
  }
}
