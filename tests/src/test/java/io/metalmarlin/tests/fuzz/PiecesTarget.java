package io.metalmarlin.tests.fuzz;

import io.metalmarlin.runtime.text.Tokenizer;
import io.metalmarlin.runtime.text.Tokenizers;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// SentencePiece's `tokenizer.model`, and a short text through it.
record PiecesTarget() implements FuzzTarget {
  @Override
  public String name() {
    return "tokenizer.model";
  }

  @Override
  public void read(byte[] input) throws Exception {
    try (ScratchFile scratch = new ScratchFile()) {
      scratch.write("spiece.model", input);
      Tokenizer t = Tokenizers.read(scratch.folder());
      t.decode(t.encode("Hello  world 12"));
    }
  }

  @Override
  public List<byte[]> seeds() {
    return List.of(model(1), model(2));
  }

  /// Three pieces, a trainer's and a normalizer's settings.
  private static byte[] model(int kind) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    field(out, 1, piece("<unk>", 0, 2));
    field(out, 1, piece("\u2581", -1, 1));
    field(out, 1, piece("H", -2, 1));
    field(out, 1, piece("\u2581H", -3, 1));
    field(out, 2, new byte[] {3 << 3, (byte) kind, (byte) (35 << 3 & 0x7f | 0x80), 2, 0});
    // A charsmap of one unit that leads nowhere.
    field(out, 3, new byte[] {2 << 3 | 2, 8, 4, 0, 0, 0, 0, 4, 0, 0, 3 << 3, 1});
    return out.toByteArray();
  }

  private static byte[] piece(String text, float score, int kind) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    field(out, 1, text.getBytes(StandardCharsets.UTF_8));
    out.write(2 << 3 | 5);
    out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(score).array());
    out.write(3 << 3);
    out.write(kind);
    return out.toByteArray();
  }

  private static void field(ByteArrayOutputStream out, int number, byte[] value) {
    out.write(number << 3 | 2);
    out.write(value.length);
    out.writeBytes(value);
  }
}
