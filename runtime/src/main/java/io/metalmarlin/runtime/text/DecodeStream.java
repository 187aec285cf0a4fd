package io.metalmarlin.runtime.text;

import io.metalmarlin.runtime.text.decode.TextSink;

/// Decodes ids one at a time, for text that is shown while it is generated: what a later id can
/// still change (the first bytes of a character, a space that is dropped at the end) is held back,
/// so nothing that was shown has to be taken back.
///
/// The pieces of one stream joined are what [Tokenizer#decode] gives for all ids at once. Not safe
/// for several threads.
public final class DecodeStream {
  private final Tokenizer tokenizer;
  private final StringBuilder text = new StringBuilder();
  private TextSink run;

  public DecodeStream(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
    this.run = begin();
  }

  /// Takes the next id and returns the text that became complete, possibly empty.
  public String accept(int id) {
    String token = tokenizer.token(id);
    if (token != null) {
      run.token(token);
    }
    return take();
  }

  /// The text still held back; the stream may be used again from an empty state.
  public String finish() {
    run.finish();
    run = begin();
    return take();
  }

  private TextSink begin() {
    return tokenizer.decoder().start(new End(text));
  }

  private String take() {
    String taken = text.toString();
    text.setLength(0);
    return taken;
  }

  /// Collects what comes out.
  private record End(StringBuilder text) implements TextSink {
    @Override
    public void part(String more) {
      text.append(more);
    }

    @Override
    public void end() {
      // Tokens follow each other without anything between them.
    }

    @Override
    public void finish() {
      // Nothing is held back here.
    }
  }
}
