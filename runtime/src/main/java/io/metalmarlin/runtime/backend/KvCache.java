package io.metalmarlin.runtime.backend;

import io.metalmarlin.runtime.cache.CacheFormat;
import org.jspecify.annotations.Nullable;

/// What the layers of a model remember of one sequence: keys and values of attentions, the states
/// of recurrent mixers.
public interface KvCache extends AutoCloseable {
  /// How keys and values are stored; null for fp32.
  @Nullable CacheFormat format();

  /// Tokens held.
  int length();

  int capacity();

  /// Bytes allocated for keys and values up to now; a layer's at its first token.
  long bytes();

  /// Bytes of them that grow with every token; the rest is the same for any length.
  long bytesPerToken();

  /// Bytes of the states of recurrent mixers, which are fp32 whatever the format.
  long stateBytes();

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
