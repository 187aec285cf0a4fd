package io.metalmarlin.runtime.text.model;

import io.metalmarlin.runtime.text.spec.Spec;
import io.metalmarlin.runtime.text.unicode.ByteAlphabet;
import java.util.List;

/// Chooses between the two BPE models: on bytes where every piece is spelled in bytes and the
/// vocabulary has a token for each, else on characters.
final class BpeReader {
  private BpeReader() {}

  static TokenModel read(ModelInput in) {
    Spec spec = in.spec();
    double dropout = spec.node().path("dropout").asDouble(0);
    if (dropout != 0) {
      throw spec.errors().unsupported("model.dropout " + dropout + " (ids would be random)");
    }
    String prefix = spec.text("continuing_subword_prefix", "");
    String suffix = spec.text("end_of_word_suffix", "");
    MergeTable merges = merges(in, prefix.length());
    boolean ignoreMerges = spec.flag("ignore_merges", false);
    String unknown = spec.text("unk_token", "");
    boolean plain = in.bytes() && prefix.isEmpty() && suffix.isEmpty();
    int missing = ByteAlphabet.missing(t -> in.vocabulary().id(t) >= 0);
    if (plain && missing < 0) {
      return new ByteBpe(in.vocabulary(), merges, ignoreMerges);
    }
    if (plain && unknown.isEmpty()) {
      // The byte would have to be dropped from texts; nobody would notice.
      throw spec.errors()
          .unsupported("a vocabulary without a token for byte 0x%02X".formatted(missing));
    }
    int unk = unknown.isEmpty() ? -1 : in.known("unk_token", unknown);
    Affixes affixes = new Affixes(prefix, suffix);
    boolean cuttable = affixes.isEmpty() && !ignoreMerges;
    return new CharacterBpe(
        in.vocabulary(),
        new BpeMerger(merges),
        affixes,
        new Unknown(
            unk, spec.flag("fuse_unk", false), spec.flag("byte_fallback", false), in.vocabulary()),
        ignoreMerges,
        cuttable ? WordCuts.of(in.merges(), in.vocabulary()) : WordCuts.NONE,
        in.bytes());
  }

  private static MergeTable merges(ModelInput in, int prefix) {
    List<String> rules = in.merges();
    int count = rules.size() / 2;
    MergeTable table = new MergeTable(count);
    for (int rank = 0; rank < count; rank++) {
      String left = rules.get(2 * rank);
      String right = rules.get(2 * rank + 1);
      if (right.length() < prefix) {
        throw in.spec()
            .errors()
            .malformed("model.merges[%d] has no continuing_subword_prefix".formatted(rank));
      }
      table.put(
          known(left, rank, in),
          known(right, rank, in),
          rank,
          known(left + right.substring(prefix), rank, in));
    }
    return table;
  }

  private static int known(String token, int rank, ModelInput in) {
    int id = in.vocabulary().id(token);
    if (id < 0) {
      throw in.spec()
          .errors()
          .malformed(
              "model.merges[%d] needs \"%s\", which model.vocab has not".formatted(rank, token));
    }
    return id;
  }
}
