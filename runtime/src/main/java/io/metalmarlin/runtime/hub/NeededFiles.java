package io.metalmarlin.runtime.hub;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.runtime.text.Tokenizers;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// Which files of a repository a model is made of. Everything else, code above all, stays where it
/// is.
final class NeededFiles {
  static final String INDEX = "model.safetensors.index.json";

  private static final String SINGLE = "model.safetensors";
  private static final long MOST_INDEX_BYTES = 256L << 20;
  private static final Set<String> DOCUMENTS =
      Set.of(
          "config.json",
          "generation_config.json",
          "hf_quant_config.json",
          "quantize_config.json",
          "quant_config.json",
          "chat_template.json",
          "preprocessor_config.json",
          "README.md");
  private static final List<String> PICKLES =
      List.of(".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle");

  private NeededFiles() {}

  /// What is fetched first: configuration, tokenizer, templates, licence, and the index of shards.
  static SortedSet<String> documents(RepositoryName name, Collection<String> paths) {
    TreeSet<String> out =
        paths.stream()
            .filter(NeededFiles::isDocument)
            .collect(Collectors.toCollection(TreeSet::new));
    if (name.file().isEmpty() && sharded(paths)) {
      out.add(INDEX);
    }
    return out;
  }

  /// The files that hold tensors. Where there are safetensors nothing else counts; of
  /// `model.safetensors` and shards the single file is taken, as transformers does.
  ///
  /// @param index the fetched index, if [#documents] asked for it
  /// @throws MarlinException `REFUSED_FORMAT` naming the pickles of a repository without
  ///   safetensors, `REPOSITORY_MISSING` for files that are not there or a choice that is open
  static SortedSet<String> weights(
      RepositoryName name, Collection<String> paths, Optional<Path> index) {
    if (name.file().isPresent()) {
      return new TreeSet<>(GgufChoice.of(name, paths));
    }
    if (index.isPresent()) {
      return shards(name, paths, index.get());
    }
    if (paths.contains(SINGLE)) {
      return new TreeSet<>(Set.of(SINGLE));
    }
    List<String> gguf = GgufChoice.applies(name, paths) ? GgufChoice.of(name, paths) : List.of();
    if (gguf.isEmpty()) {
      throw none(name, paths, paths.stream().filter(p -> p.endsWith(".safetensors")).toList());
    }
    return new TreeSet<>(gguf);
  }

  private static boolean sharded(Collection<String> paths) {
    return paths.contains(INDEX) && !paths.contains(SINGLE);
  }

  private static boolean isDocument(String path) {
    boolean top = path.indexOf('/') < 0;
    return top
            && (DOCUMENTS.contains(path)
                || Tokenizers.isFile(path)
                || path.endsWith(".jinja")
                || path.matches("(LICEN[CS]E|NOTICE|USE_POLICY)(\\.md|\\.txt)?"))
        || path.startsWith("additional_chat_templates/") && path.endsWith(".jinja");
  }

  private static SortedSet<String> shards(
      RepositoryName name, Collection<String> paths, Path index) {
    JsonNode map = JsonFiles.readObject(index, MOST_INDEX_BYTES).path("weight_map");
    TreeSet<String> shards = new TreeSet<>();
    map.forEach(shard -> shards.add(shard.asString("")));
    List<String> missing = shards.stream().filter(s -> !paths.contains(s)).toList();
    if (shards.isEmpty() || !missing.isEmpty()) {
      throw new MarlinException(
          ErrorCode.REPOSITORY_MISSING,
          name.spec(),
          INDEX
              + (shards.isEmpty()
                  ? " names no files"
                  : " names files that the repository does not hold: "
                      + String.join(", ", missing).replaceAll("[^\\x20-\\x7e]", "?")),
          "Choose another revision of the model.");
    }
    return shards;
  }

  private static MarlinException none(
      RepositoryName name, Collection<String> paths, List<String> safetensors) {
    List<String> pickles =
        paths.stream().filter(p -> PICKLES.stream().anyMatch(p::endsWith)).toList();
    if (safetensors.isEmpty() && !pickles.isEmpty()) {
      return new MarlinException(
          ErrorCode.REFUSED_FORMAT,
          name.spec(),
          "holds its weights as pickles only, which can run code when they are opened: "
              + few(pickles),
          "Use a revision with safetensors files; many models have one as refs/pr/N.");
    }
    return new MarlinException(
        ErrorCode.REPOSITORY_MISSING,
        name.spec(),
        "holds neither model.safetensors, nor "
            + INDEX
            + ", nor a .gguf file"
            + (safetensors.isEmpty() ? "" : ", only " + few(safetensors)),
        "Give a repository of a whole model in the layout of transformers.");
  }

  private static String few(List<String> names) {
    int most = 5;
    return names.stream().limit(most).collect(Collectors.joining(", "))
        + (names.size() > most ? " and " + (names.size() - most) + " more" : "");
  }
}
