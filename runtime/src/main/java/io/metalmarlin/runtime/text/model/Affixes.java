package io.metalmarlin.runtime.text.model;

/// What BPE puts around the characters of a word before it looks them up.
///
/// @param prefix before each but the first
/// @param suffix behind the last
record Affixes(String prefix, String suffix) {
  boolean isEmpty() {
    return prefix.isEmpty() && suffix.isEmpty();
  }

  String around(String character, boolean first, boolean last) {
    return (first ? "" : prefix) + character + (last ? suffix : "");
  }
}
