package io.metalmarlin.runtime.text.decode;

import io.metalmarlin.runtime.text.spec.Prepend;
import io.metalmarlin.runtime.text.spec.Spec;

/// SentencePiece's marks back to spaces; those of the first token are dropped if the tokenizer put
/// one in front.
final class MetaspaceDecoder extends Stage {
  private final String mark;
  private final boolean prepended;
  private boolean begun;

  private MetaspaceDecoder(TextSink next, String mark, boolean prepended) {
    super(next);
    this.mark = mark;
    this.prepended = prepended;
  }

  static Decoder of(Spec spec) {
    String mark = Character.toString(spec.character("replacement", 0x2581));
    boolean prepended = Prepend.of(spec) != Prepend.NEVER;
    return next -> new MetaspaceDecoder(next, mark, prepended);
  }

  @Override
  protected void accept(String whole) {
    next.token(whole.replace(mark, prepended && !begun ? "" : " "));
    begun = true;
  }
}
