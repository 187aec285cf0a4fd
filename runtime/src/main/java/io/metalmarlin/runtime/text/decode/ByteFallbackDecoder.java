package io.metalmarlin.runtime.text.decode;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/// Tokens `<0x00>` to `<0xFF>` back to text. A run of them is one text if it is UTF-8, otherwise
/// one U+FFFD for each byte; so the run has to end before it appears.
final class ByteFallbackDecoder extends Stage {
  private static final Pattern BYTE = Pattern.compile("<0x[0-9A-Fa-f]{2}>");

  private final ByteArrayOutputStream run = new ByteArrayOutputStream();

  ByteFallbackDecoder(TextSink next) {
    super(next);
  }

  @Override
  protected void accept(String whole) {
    if (BYTE.matcher(whole).matches()) {
      run.write(Integer.parseInt(whole, 3, 5, 16));
    } else {
      flush();
      next.token(whole);
    }
  }

  @Override
  public void finish() {
    flush();
    next.finish();
  }

  private void flush() {
    if (run.size() == 0) {
      return;
    }
    try {
      next.token(
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(run.toByteArray()))
              .toString());
    } catch (CharacterCodingException notText) {
      for (int i = 0; i < run.size(); i++) {
        next.token("\uFFFD");
      }
    }
    run.reset();
  }
}
