package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Tensor names and types without bytes.
record FakeCheckpoint(SequencedMap<String, TensorInfo> tensors) implements Checkpoint {
  FakeCheckpoint() {
    this(new LinkedHashMap<>());
  }

  FakeCheckpoint with(String name, DType dtype, long... shape) {
    tensors.put(name, TensorInfo.of(name, dtype, shape));
    return this;
  }

  FakeCheckpoint without(String name) {
    tensors.remove(name);
    return this;
  }

  @Override
  public MemorySegment bytes(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Path file(String name) {
    return Path.of("fake.safetensors");
  }

  @Override
  public List<Path> files() {
    return List.of();
  }

  @Override
  public Map<String, String> metadata() {
    return Map.of();
  }

  @Override
  public void close() {}
}
