package io.metalmarlin.runtime.text.decode;

import io.metalmarlin.runtime.text.regex.TextPattern;
import io.metalmarlin.runtime.text.spec.Kinds;
import io.metalmarlin.runtime.text.spec.Kinds.Kind;
import io.metalmarlin.runtime.text.spec.Spec;
import java.util.List;

/// The `decoder` of `tokenizer.json`, by kind. `CTC` (speech) is in no list.
public final class Decoders {
  /// One line per kind.
  public static final Kinds<Decoder> ALL =
      new Kinds<>(
          List.of(
              new Kind<>("ByteLevel", s -> ByteLevelDecoder::new),
              new Kind<>("ByteFallback", s -> ByteFallbackDecoder::new),
              new Kind<>("Fuse", s -> FuseDecoder::new),
              new Kind<>("Metaspace", MetaspaceDecoder::of),
              new Kind<>("Replace", Decoders::replace),
              new Kind<>("Strip", StripDecoder::of),
              new Kind<>("WordPiece", WordPieceDecoder::of),
              new Kind<>("BPEDecoder", SuffixDecoder::of),
              new Kind<>("Sequence", Decoders::sequence)));

  private Decoders() {}

  /// Without a decoder, tokens are joined by spaces.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `TOKENIZER_MALFORMED` naming what is not
  ///   supported
  public static Decoder of(Spec spec) {
    return spec.absent() ? SpaceDecoder::new : ALL.read(spec);
  }

  private static Decoder sequence(Spec spec) {
    Decoder all = next -> next;
    for (Spec step : spec.list("decoders")) {
      all = all.then(of(step));
    }
    return all;
  }

  private static Decoder replace(Spec spec) {
    TextPattern pattern = TextPattern.of(spec);
    String content = spec.text("content");
    return next ->
        new Stage(next) {
          @Override
          protected void accept(String whole) {
            next.token(pattern.replace(whole, content));
          }
        };
  }
}
