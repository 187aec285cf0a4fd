package io.metalmarlin.runtime.text;

import java.util.List;

/// Texts shipped with the product; found through ServiceLoader.
public interface CorpusProvider {
  /// What `--dataset embedded:NAME` calls it.
  String name();

  /// The documents in their fixed order.
  List<String> documents();

  /// The sha256 of the embedded file, from its manifest and checked when it is read.
  String sha256();

  String licence();
}
