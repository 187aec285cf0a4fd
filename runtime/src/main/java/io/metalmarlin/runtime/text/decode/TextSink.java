package io.metalmarlin.runtime.text.decode;

/// Receives the strings of tokens as they come, each in one or several parts.
public interface TextSink {
  /// More of the current token.
  void part(String text);

  /// The token is complete; the next part begins another one.
  void end();

  /// No token comes any more: what is held back must go.
  void finish();

  /// A whole token.
  default void token(String text) {
    part(text);
    end();
  }
}
