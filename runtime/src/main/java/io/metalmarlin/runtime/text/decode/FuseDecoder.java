package io.metalmarlin.runtime.text.decode;

/// Makes one token of all, part by part.
record FuseDecoder(TextSink next) implements TextSink {
  @Override
  public void part(String text) {
    next.part(text);
  }

  @Override
  public void end() {
    // Tokens go on into each other.
  }

  @Override
  public void finish() {
    next.end();
    next.finish();
  }
}
