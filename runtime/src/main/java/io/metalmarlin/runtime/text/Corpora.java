package io.metalmarlin.runtime.text;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.util.List;
import java.util.ServiceLoader;
import java.util.ServiceLoader.Provider;

/// The texts shipped with the product, by name (`--dataset embedded:NAME`).
public final class Corpora {
  private Corpora() {}

  /// The corpus of this name.
  ///
  /// @throws MarlinException `BAD_FLAG` listing the names there are
  public static CorpusProvider named(String name) {
    return all().stream()
        .filter(c -> c.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new MarlinException(
                ErrorCode.BAD_FLAG,
                "embedded:" + name,
                "there is no embedded text of this name",
                "Known names: "
                    + (names().isEmpty() ? "none" : String.join(", ", names()))
                    + "; a file is given by its path."));
  }

  /// All names in alphabetical order.
  public static List<String> names() {
    return all().stream().map(CorpusProvider::name).sorted().toList();
  }

  private static List<CorpusProvider> all() {
    return ServiceLoader.load(CorpusProvider.class, Corpora.class.getClassLoader()).stream()
        .map(Provider::get)
        .toList();
  }
}
