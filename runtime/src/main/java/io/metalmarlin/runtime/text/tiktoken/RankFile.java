package io.metalmarlin.runtime.text.tiktoken;

import io.metalmarlin.runtime.text.decode.Decoders;
import io.metalmarlin.runtime.text.model.ByteBpe;
import io.metalmarlin.runtime.text.model.Ids;
import io.metalmarlin.runtime.text.model.MergeTable;
import io.metalmarlin.runtime.text.normalize.Normalizers;
import io.metalmarlin.runtime.text.parts.TokenizerParts;
import io.metalmarlin.runtime.text.settings.TokenizerSettings;
import io.metalmarlin.runtime.text.spec.Spec;
import io.metalmarlin.runtime.text.spec.TokenizerErrors;
import io.metalmarlin.runtime.text.split.PreTokenizers;
import io.metalmarlin.runtime.text.unicode.ByteAlphabet;
import io.metalmarlin.runtime.text.vocabulary.AddedToken;
import io.metalmarlin.runtime.text.vocabulary.Vocabulary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// tiktoken's files: one token a line, its bytes in Base64 and its rank, which is its id. Two
/// neighbours merge if their bytes together are a token, the lowest rank first. How texts are cut
/// is not in the file; [RankFamilies] knows it.
public final class RankFile {
  private static final JsonMapper JSON = JsonMapper.shared();

  private RankFile() {}

  /// The rank file in a model folder.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `FILE_UNREADABLE`
  public static Optional<Path> in(Path folder) {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> isName(f.getFileName().toString())).sorted().findFirst();
    } catch (IOException e) {
      throw new TokenizerErrors(folder).unreadable(e);
    }
  }

  /// Whether a rank file may be called so.
  public static boolean isName(String file) {
    return file.endsWith(".tiktoken")
        || file.equals("tiktoken.model")
        || file.equals("tokenizer.model");
  }

  /// Whether a file called `tokenizer.model` is one: its first line is Base64, a space, a number.
  /// SentencePiece's begin with a byte that Base64 has not.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `FILE_UNREADABLE`
  public static boolean isOne(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      int first = in.read();
      return first >= '+' && first <= 'z' && Character.isLetterOrDigit(first)
          || first == '+'
          || first == '/';
    } catch (IOException e) {
      throw new TokenizerErrors(file).unreadable(e);
    }
  }

  /// @throws io.metalmarlin.formats.MarlinException `TOKENIZER_MALFORMED` for a broken file or a
  ///   family whose way to cut texts is not known; `FILE_UNREADABLE`
  public static TokenizerParts read(Path file, TokenizerSettings settings) {
    TokenizerErrors errors = new TokenizerErrors(file);
    RankFamilies.Family family = RankFamilies.of(settings, errors);
    Map<String, Integer> ranks = RankReader.read(file, errors);
    List<AddedToken> added = family.added(settings, ranks.size(), errors);
    return parts(ranks, added, family, settings, errors);
  }

  /// @param ranks token -> id; ids are in the order of the ranks
  static TokenizerParts parts(
      Map<String, Integer> ranks,
      List<AddedToken> added,
      RankFamilies.Family family,
      TokenizerSettings settings,
      TokenizerErrors errors) {
    int missing = ByteAlphabet.missing(ranks::containsKey);
    if (missing >= 0) {
      throw errors.malformed("there is no token for byte 0x%02X".formatted(missing));
    }
    Vocabulary vocabulary = new Vocabulary(ranks, added, errors);
    ObjectNode decoder = JSON.createObjectNode().put("type", "ByteLevel");
    return new TokenizerParts(
        vocabulary,
        added,
        Normalizers.of(new Spec("normalizer", normalizer(family), errors)),
        PreTokenizers.of(new Spec("pre_tokenizer", split(family.regex()), errors)),
        new ByteBpe(vocabulary, merges(ranks), true),
        settings.frame(vocabulary, added, family.begins(), false),
        Decoders.of(new Spec("decoder", decoder, errors)));
  }

  private static JsonNode normalizer(RankFamilies.Family family) {
    return family.normalizer().isEmpty()
        ? JSON.nullNode()
        : JSON.createObjectNode().put("type", family.normalizer());
  }

  private static ObjectNode split(String regex) {
    ObjectNode split = JSON.createObjectNode().put("type", "Split");
    split.putObject("pattern").put("Regex", regex);
    return split.put("behavior", "Isolated");
  }

  /// Every way to make a token of two.
  private static MergeTable merges(Map<String, Integer> ranks) {
    // Left, right and merged id of each.
    Ids ways = new Ids(4 * ranks.size());
    ranks.forEach((token, merged) -> {
      for (int at = 1; at < token.length(); at++) {
        Integer left = ranks.get(token.substring(0, at));
        Integer right = left == null ? null : ranks.get(token.substring(at));
        if (left != null && right != null) {
          ways.add(left);
          ways.add(right);
          ways.add(merged);
        }
      }
    });
    int[] all = ways.toArray();
    MergeTable table = new MergeTable(all.length / 3);
    for (int i = 0; i < all.length; i += 3) {
      table.put(all[i], all[i + 1], all[i + 2], all[i + 2]);
    }
    return table;
  }
}
