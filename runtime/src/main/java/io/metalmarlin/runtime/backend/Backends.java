package io.metalmarlin.runtime.backend;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/// The backends on the class path.
public final class Backends {
  private Backends() {}

  /// Every provider, usable or not.
  public static List<BackendProvider> all() {
    return ServiceLoader.load(BackendProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .toList();
  }

  /// Opens the backend of that name with exact products; never another one in its place.
  ///
  /// @throws MarlinException as below
  public static Backend open(String name, int threads) {
    return open(name, threads, Inputs.FP32);
  }

  /// Opens the backend of that name; never another one in its place.
  ///
  /// @throws MarlinException `BAD_FLAG` if there is none of that name, or it cannot be used here,
  ///   with the reason
  public static Backend open(String name, int threads, Inputs inputs) {
    List<BackendProvider> all = all();
    BackendProvider provider =
        all.stream()
            .filter(p -> p.name().equals(name))
            .findFirst()
            .orElseThrow(() ->
                new MarlinException(
                    ErrorCode.BAD_FLAG,
                    "--device " + name,
                    "this version has no such device",
                    "Use one of "
                        + all.stream().map(BackendProvider::name).collect(Collectors.joining(", "))
                        + "."));
    provider
        .unavailableBecause()
        .ifPresent(reason -> {
          throw new MarlinException(
              ErrorCode.BAD_FLAG,
              "--device " + name,
              "cannot be used here: " + reason,
              "Use --device cpu.");
        });
    return provider.open(threads, inputs);
  }
}
