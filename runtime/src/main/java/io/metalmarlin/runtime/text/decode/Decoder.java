package io.metalmarlin.runtime.text.decode;

/// One step from tokens to text. What a step holds back is what the tokens to come can still
/// change, so that the text which has appeared is always the beginning of the final one.
@FunctionalInterface
public interface Decoder {
  /// A new run of this step.
  ///
  /// @param next receives what the step makes of the tokens
  TextSink start(TextSink next);

  /// This step, then another.
  default Decoder then(Decoder after) {
    return next -> start(after.start(next));
  }
}
