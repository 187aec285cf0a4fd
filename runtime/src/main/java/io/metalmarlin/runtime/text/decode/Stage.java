package io.metalmarlin.runtime.text.decode;

/// A step that looks at whole tokens.
public abstract class Stage implements TextSink {
  /// Receives what the step makes of the tokens.
  protected final TextSink next;

  private final StringBuilder token = new StringBuilder();

  protected Stage(TextSink next) {
    this.next = next;
  }

  @Override
  public final void part(String text) {
    token.append(text);
  }

  @Override
  public final void end() {
    String whole = token.toString();
    token.setLength(0);
    accept(whole);
  }

  @Override
  public void finish() {
    next.finish();
  }

  /// Takes the next token.
  protected abstract void accept(String whole);
}
