package io.metalmarlin.runtime.text.model;

import io.metalmarlin.runtime.text.spec.Spec;
import io.metalmarlin.runtime.text.vocabulary.Vocabulary;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/// Unigram as the `tokenizers` library runs it: unknown characters in a row are one token or, with
/// byte fallback, their bytes.
final class UnigramModel implements TokenModel {
  /// How much an unknown character is worse than the worst piece.
  private static final double UNKNOWN_PENALTY = 10;

  private final Vocabulary vocabulary;
  private final Lattice lattice;
  private final Unknown unknown;

  private UnigramModel(Vocabulary vocabulary, Lattice lattice, Unknown unknown) {
    this.vocabulary = vocabulary;
    this.lattice = lattice;
    this.unknown = unknown;
  }

  static UnigramModel of(ModelInput in) {
    Spec spec = in.spec();
    int unknown = spec.whole("unk_id", -1);
    if (unknown >= in.scores().size()) {
      throw spec.errors()
          .malformed("model.unk_id is %d of %d pieces".formatted(unknown, in.scores().size()));
    }
    CharTrie pieces = new CharTrie();
    for (Map.Entry<String, Integer> e : in.vocabulary().ids().entrySet()) {
      if (!e.getKey().isEmpty()) {
        pieces.put(e.getKey(), e.getValue());
      }
    }
    double[] scores = new double[in.scores().size()];
    for (int id = 0; id < scores.length; id++) {
      scores[id] = in.scores().get(id);
    }
    double worst = scores.length == 0 ? 0 : Collections.min(in.scores());
    return new UnigramModel(
        in.vocabulary(),
        new Lattice(pieces, scores, worst - UNKNOWN_PENALTY, false),
        new Unknown(unknown, true, spec.flag("byte_fallback", false), in.vocabulary()));
  }

  @Override
  public void tokenize(String piece, Ids out) {
    Lattice.Path path = lattice.best(piece);
    List<int[]> parts = new ArrayList<>();
    int unknownEnd = -1;
    for (int end = piece.length(); end > 0; end = path.starts()[end]) {
      int start = path.starts()[end];
      int value = path.values()[end];
      if (value >= 0 && value != unknown.id()) {
        parts.add(new int[] {start, end, value});
        unknownEnd = -1;
      } else if (unknownEnd < 0) {
        unknownEnd = end;
        parts.add(new int[] {start, end, -1});
      } else {
        parts.getLast()[0] = start;
      }
    }
    for (int[] part : parts.reversed()) {
      if (part[2] >= 0) {
        out.add(part[2]);
      } else {
        unknown(piece.substring(part[0], part[1]), out);
      }
    }
  }

  /// Unknown characters in a row may be a piece after all, one that a better way did without.
  private void unknown(String text, Ids out) {
    int id = vocabulary.id(text);
    if (id >= 0) {
      out.add(id);
    } else if (!unknown.bytes(text, out)) {
      out.add(unknown.required(text));
    }
  }
}
