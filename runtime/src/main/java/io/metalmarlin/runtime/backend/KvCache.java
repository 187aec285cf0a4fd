package io.metalmarlin.runtime.backend;

/// What the layers of a model remember of one sequence: keys and values of attentions, the states
/// of recurrent mixers.
public interface KvCache extends AutoCloseable {
  /// Tokens held.
  int length();

  int capacity();

  /// Forgets every token behind the first `length`.
  ///
  /// @return false when that cannot be done, and nothing has changed
  /// @throws IllegalArgumentException when fewer are held
  boolean truncate(int length);

  /// A state of a recurrent mixer: zeros before the first token, then whatever the mixer left
  /// there. Belongs to the cache.
  ///
  /// @param name of the state within its layer
  Tensor state(int layer, String name, int rows, int cols);

  @Override
  void close();
}
