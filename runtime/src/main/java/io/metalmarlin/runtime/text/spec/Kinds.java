package io.metalmarlin.runtime.text.spec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// The kinds of one part of a tokenizer, by the name that `type` gives them.
///
/// @param <T> what a description becomes
public final class Kinds<T> {
  /// @param type the name in the file
  /// @param reader makes it; throws what [TokenizerErrors] makes
  public record Kind<T>(String type, Function<Spec, T> reader) {}

  private final Map<String, Kind<T>> byType = new LinkedHashMap<>();

  /// @param all one line per kind
  public Kinds(List<Kind<T>> all) {
    for (Kind<T> kind : all) {
      byType.put(kind.type(), kind);
    }
  }

  /// The names in the order of the list.
  public Set<String> names() {
    return byType.keySet();
  }

  /// Reads a part.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `TOKENIZER_MALFORMED` naming a kind that is in
  ///   no list
  public T read(Spec spec) {
    Kind<T> kind = byType.get(spec.type());
    if (kind == null) {
      throw spec.errors().unknownKind(spec.part(), spec.type(), names());
    }
    return kind.reader().apply(spec);
  }
}
