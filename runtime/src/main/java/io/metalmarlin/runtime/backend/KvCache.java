package io.metalmarlin.runtime.backend;

/// Keys and values of one sequence for all layers of a model.
public interface KvCache extends AutoCloseable {
  /// Tokens held for every layer.
  int length();

  int capacity();

  /// Bytes allocated.
  long byteSize();

  @Override
  void close();
}
