package io.metalmarlin.runtime.backend;

import java.util.Optional;

/// Offers a backend; found through ServiceLoader.
public interface BackendProvider {
  /// What `--device` calls it.
  String name();

  /// Why it cannot be used on this machine, in words for the user; empty when it can.
  Optional<String> unavailableBecause();

  /// Opens the device.
  ///
  /// @param threads worker threads for host-side work
  Backend open(int threads, Inputs inputs);
}
