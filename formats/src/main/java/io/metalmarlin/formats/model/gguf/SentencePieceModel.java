package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What a SentencePiece file (`tokenizer.model`) says.
///
/// Source of the field numbers: `sentencepiece_model.proto`.
///
/// @param where the file, for messages
/// @param pieces by id
/// @param unigram whether the pieces are chosen by likelihood; else they are merged by score
/// @param byteFallback whether unknown characters become their bytes
/// @param spaceAsSuffix whether words end with their space instead of beginning with it
/// @param charsmap how characters are normalized first; empty for not at all; not to be changed
/// @param addsSpace whether a text gets a space in front
/// @param dropsSpaces whether spaces at the ends and repeated ones go
/// @param marksSpaces whether spaces become `▁`
/// @param unknownSurface what the unknown piece looks like in decoded text
public record SentencePieceModel(
    String where,
    List<Piece> pieces,
    boolean unigram,
    boolean byteFallback,
    boolean spaceAsSuffix,
    byte[] charsmap,
    boolean addsSpace,
    boolean dropsSpaces,
    boolean marksSpaces,
    String unknownSurface) {
  private static final long MAX_BYTES = 256L << 20;
  private static final int UNIGRAM = 1;
  private static final int BPE = 2;

  /// One entry of the vocabulary; its place in the list is its id.
  ///
  /// @param score the higher, the better; a log probability in unigram models
  public record Piece(String text, float score, TokenKind kind) {}

  /// @throws MarlinException `TOKENIZER_MALFORMED`, `FILE_UNREADABLE`
  public static SentencePieceModel read(Path file) {
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw malformed(file.toString(), "has " + size + " bytes");
      }
      return of(file.toString(), Files.readAllBytes(file));
    } catch (IOException e) {
      throw new MarlinException(
          ErrorCode.FILE_UNREADABLE,
          file.toString(),
          "cannot be read: " + e.getMessage(),
          "Check the file and its permissions.",
          e);
    }
  }

  /// @throws MarlinException `TOKENIZER_MALFORMED`
  public static SentencePieceModel of(String where, byte[] content) {
    List<Piece> pieces = new ArrayList<>();
    Trainer trainer = new Trainer();
    Normalizer normalizer = new Normalizer();
    ProtoReader model = new ProtoReader(where, content);
    for (int field = model.next(); field != 0; field = model.next()) {
      switch (field) {
        case 1 -> pieces.add(piece(where, pieces.size(), model.message()));
        case 2 -> trainer.read(model.message());
        case 3 -> normalizer.read(model.message());
        default -> model.skip();
      }
    }
    if (pieces.isEmpty()) {
      throw malformed(where, "has no pieces");
    }
    if (trainer.kind != UNIGRAM && trainer.kind != BPE) {
      throw malformed(where, "is of model_type " + trainer.kind + ", not unigram (1) or BPE (2)");
    }
    return new SentencePieceModel(
        where,
        List.copyOf(pieces),
        trainer.kind == UNIGRAM,
        trainer.byteFallback,
        trainer.spaceAsSuffix,
        normalizer.charsmap,
        normalizer.addsSpace,
        normalizer.dropsSpaces,
        normalizer.marksSpaces,
        trainer.unknownSurface);
  }

  private static Piece piece(String where, int id, ProtoReader message) {
    String text = "";
    float score = 0;
    long kind = TokenKind.NORMAL.id();
    for (int field = message.next(); field != 0; field = message.next()) {
      switch (field) {
        case 1 -> text = message.text();
        case 2 -> score = message.real();
        case 3 -> kind = message.whole();
        default -> message.skip();
      }
    }
    long type = kind;
    TokenKind known =
        TokenKind.of(kind).orElseThrow(() -> malformed(where, "piece " + id + " has type " + type));
    if (text.isEmpty() || !Float.isFinite(score)) {
      throw malformed(where, "piece %d is \"%s\" with score %s".formatted(id, text, score));
    }
    return new Piece(text, score, known);
  }

  private static final class Trainer {
    private long kind = UNIGRAM;
    private boolean spaceAsSuffix;
    private boolean byteFallback;
    private String unknownSurface = " \u2047 ";

    void read(ProtoReader m) {
      for (int field = m.next(); field != 0; field = m.next()) {
        switch (field) {
          case 3 -> kind = m.whole();
          case 24 -> spaceAsSuffix = m.whole() != 0;
          case 35 -> byteFallback = m.whole() != 0;
          case 44 -> unknownSurface = m.text();
          default -> m.skip();
        }
      }
    }
  }

  private static final class Normalizer {
    private byte[] charsmap = {};
    private boolean addsSpace = true;
    private boolean dropsSpaces = true;
    private boolean marksSpaces = true;

    void read(ProtoReader m) {
      for (int field = m.next(); field != 0; field = m.next()) {
        switch (field) {
          case 2 -> charsmap = m.bytes();
          case 3 -> addsSpace = m.whole() != 0;
          case 4 -> dropsSpaces = m.whole() != 0;
          case 5 -> marksSpaces = m.whole() != 0;
          default -> m.skip();
        }
      }
    }
  }

  private static MarlinException malformed(String where, String what) {
    return new MarlinException(
        ErrorCode.TOKENIZER_MALFORMED,
        where,
        what,
        "Download it again, or remove it to use tokenizer.json alone.");
  }
}
