package io.metalmarlin.runtime.hub;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Which of the GGUF models in a repository is meant. The parts of a split model count as one.
public final class GgufChoice {
  private static final String SUFFIX = ".gguf";
  private static final String INDEX = ".safetensors.index.json";
  private static final Pattern PART = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf");

  private GgufChoice() {}

  /// Whether the model is one in GGUF: a file of that kind is asked for, or there are no
  /// safetensors. The hub's files and those in the cache are told apart in the same way.
  ///
  /// @param paths of the repository's files
  public static boolean applies(RepositoryName name, Collection<String> paths) {
    return name.file().isPresent()
        || paths.stream().noneMatch(p -> p.endsWith(".safetensors") || p.endsWith(INDEX));
  }

  /// All files of the model that `name` asks for, the first part first; empty where the repository
  /// has no GGUF file and none is asked for.
  ///
  /// @param paths of the repository's files
  /// @throws MarlinException `REPOSITORY_MISSING` when no file fits, or several
  public static List<String> of(RepositoryName name, Collection<String> paths) {
    SequencedMap<String, List<String>> models = models(paths);
    if (name.file().isEmpty()) {
      // Projectors of images are no models of text.
      List<String> texts = models.keySet().stream().filter(m -> !projector(m)).toList();
      if (texts.size() > 1) {
        throw choose(name, "holds several GGUF models", texts);
      }
      return texts.isEmpty() ? List.of() : models.get(texts.getFirst());
    }
    String wanted = name.file().get();
    List<String> exact =
        models.entrySet().stream()
            .filter(e -> e.getKey().equals(wanted) || e.getValue().contains(wanted))
            .map(e -> e.getKey())
            .toList();
    List<String> fitting =
        exact.isEmpty()
            ? models.keySet().stream().filter(m -> !projector(m) && hasType(m, wanted)).toList()
            : exact;
    if (fitting.size() != 1) {
      throw choose(
          name,
          (fitting.isEmpty() ? "has no GGUF file " : "has several GGUF files for ") + wanted,
          fitting.isEmpty() ? List.copyOf(models.keySet()) : fitting);
    }
    return models.get(fitting.getFirst());
  }

  /// The parts of a split model that are not among its files; their names follow from any other.
  ///
  /// @param files of one model
  public static List<String> missingParts(List<String> files) {
    Matcher part = PART.matcher(files.isEmpty() ? "" : files.getFirst());
    if (!part.matches()) {
      return List.of();
    }
    int count = Integer.parseInt(part.group(3));
    return IntStream.rangeClosed(1, count)
        .mapToObj(i -> "%s-%05d-of-%05d.gguf".formatted(part.group(1), i, count))
        .filter(p -> !files.contains(p))
        .toList();
  }

  /// Model (`x.gguf`, also for a split one) to its files in order.
  private static SequencedMap<String, List<String>> models(Collection<String> paths) {
    SequencedMap<String, List<String>> models = new TreeMap<>();
    for (String path : paths.stream().filter(p -> p.endsWith(SUFFIX)).sorted().toList()) {
      Matcher part = PART.matcher(path);
      String model = part.matches() ? part.group(1) + SUFFIX : path;
      models.computeIfAbsent(model, m -> new ArrayList<>()).add(path);
    }
    return models;
  }

  private static boolean projector(String model) {
    return model.substring(model.lastIndexOf('/') + 1).startsWith("mmproj");
  }

  /// `x-Q4_K_M.gguf` and `x.Q4_K_M.gguf` have the type Q4_K_M, in any case of letters.
  private static boolean hasType(String model, String type) {
    String stem = model.substring(0, model.length() - SUFFIX.length()).toLowerCase(Locale.ROOT);
    String end = type.toLowerCase(Locale.ROOT);
    return stem.endsWith("-" + end) || stem.endsWith("." + end) || stem.endsWith("/" + end);
  }

  private static MarlinException choose(RepositoryName name, String what, List<String> models) {
    return new MarlinException(
        ErrorCode.REPOSITORY_MISSING,
        name.spec(),
        what + "; there are: " + models.stream().collect(Collectors.joining(", ")),
        models.isEmpty()
            ? "Leave out the part behind the colon."
            : "Name one: %s:%s, or its type alone.".formatted(name.id(), models.getFirst()));
  }
}
