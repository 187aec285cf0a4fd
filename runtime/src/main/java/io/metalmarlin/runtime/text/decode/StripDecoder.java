package io.metalmarlin.runtime.text.decode;

import io.metalmarlin.runtime.text.spec.Spec;

/// Takes up to a number of characters off the ends of each token. Behind `Fuse` that is the whole
/// text: its beginning is stripped as it comes.
final class StripDecoder implements TextSink {
  private final TextSink next;
  private final int character;
  private final int start;
  private int left;

  private StripDecoder(TextSink next, int character, int start) {
    this.next = next;
    this.character = character;
    this.start = start;
    this.left = start;
  }

  static Decoder of(Spec spec) {
    int character = spec.character("content", ' ');
    int start = spec.whole("start", 0);
    int stop = spec.whole("stop", 0);
    Decoder head = next -> new StripDecoder(next, character, start);
    return stop == 0 ? head : head.then(next -> new Tail(next, character, stop));
  }

  @Override
  public void part(String text) {
    int at = 0;
    while (left > 0 && at < text.length()) {
      if (text.codePointAt(at) != character) {
        left = 0;
        break;
      }
      at += Character.charCount(character);
      left--;
    }
    next.part(text.substring(at));
  }

  @Override
  public void end() {
    left = start;
    next.end();
  }

  @Override
  public void finish() {
    next.finish();
  }

  /// The end of a token is known when the token is.
  private static final class Tail extends Stage {
    private final int character;
    private final int stop;

    Tail(TextSink next, int character, int stop) {
      super(next);
      this.character = character;
      this.stop = stop;
    }

    @Override
    protected void accept(String whole) {
      int end = whole.length();
      for (int i = 0; i < stop && end > 0 && whole.codePointBefore(end) == character; i++) {
        end -= Character.charCount(character);
      }
      next.token(whole.substring(0, end));
    }
  }
}
