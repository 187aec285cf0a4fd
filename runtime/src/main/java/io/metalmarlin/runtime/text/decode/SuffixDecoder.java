package io.metalmarlin.runtime.text.decode;

import io.metalmarlin.runtime.text.spec.Spec;
import org.jspecify.annotations.Nullable;

/// The `BPEDecoder`: the suffix of words becomes a space, but not behind the last token, which is
/// therefore held back.
final class SuffixDecoder extends Stage {
  private final String suffix;
  private @Nullable String held;

  private SuffixDecoder(TextSink next, String suffix) {
    super(next);
    this.suffix = suffix;
  }

  static Decoder of(Spec spec) {
    String suffix = spec.text("suffix", "</w>");
    return next -> new SuffixDecoder(next, suffix);
  }

  @Override
  protected void accept(String whole) {
    flush(" ");
    held = whole;
  }

  @Override
  public void finish() {
    flush("");
    next.finish();
  }

  private void flush(String space) {
    if (held != null) {
      next.token(held.replace(suffix, space));
    }
    held = null;
  }
}
