package io.metalmarlin.runtime.text.sentencepiece;

import io.metalmarlin.formats.model.gguf.SentencePieceModel;
import io.metalmarlin.runtime.text.decode.Decoder;
import io.metalmarlin.runtime.text.decode.Stage;
import io.metalmarlin.runtime.text.decode.TextSink;
import java.io.ByteArrayOutputStream;
import java.util.regex.Pattern;

/// SentencePiece's way back to text: marks are spaces, those in front of the text are dropped if
/// the normalizer put or would take them there, runs of byte pieces are UTF-8 with U+FFFD for each
/// byte that is none.
final class PieceDecoder extends Stage {
  private static final Pattern BYTE = Pattern.compile("<0x[0-9A-F]{2}>");
  private static final String MARK = "\u2581";

  private final SentencePieceModel model;
  private final String unknown;
  private final ByteArrayOutputStream run = new ByteArrayOutputStream();
  private boolean begun;

  private PieceDecoder(TextSink next, SentencePieceModel model, String unknown) {
    super(next);
    this.model = model;
    this.unknown = unknown;
  }

  static Decoder of(SentencePieceModel model, String unknown) {
    return next -> new PieceDecoder(next, model, unknown);
  }

  @Override
  protected void accept(String whole) {
    if (model.byteFallback() && BYTE.matcher(whole).matches()) {
      run.write(Integer.parseInt(whole, 3, 5, 16));
      return;
    }
    flush();
    if (whole.equals(unknown)) {
      show(model.unknownSurface());
      return;
    }
    String text = whole;
    if (!begun && (model.addsSpace() || model.dropsSpaces()) && text.startsWith(MARK)) {
      text = text.substring(1);
      // A space put in front is one; spaces that would have been dropped may be several.
      begun = !model.dropsSpaces();
    }
    show(text.replace(MARK, " "));
  }

  @Override
  public void finish() {
    flush();
    next.finish();
  }

  private void flush() {
    if (run.size() > 0) {
      show(Utf8Bytes.text(run.toByteArray()));
      run.reset();
    }
  }

  private void show(String text) {
    begun |= !text.isEmpty();
    next.token(text);
  }
}
