package io.metalmarlin.tests.fuzz;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.Container;
import io.metalmarlin.formats.container.Containers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// A file of one container: header, then the first and last byte of every tensor.
///
/// @param container its name in the registry
record ContainerTarget(String container) implements FuzzTarget {
  @Override
  public String name() {
    return "container:" + container;
  }

  @Override
  public void read(byte[] input) throws Exception {
    Container kind =
        Containers.ALL.stream().filter(c -> c.name().equals(container)).findFirst().orElseThrow();
    try (ScratchFile scratch = new ScratchFile();
        Checkpoint c = kind.open(scratch.write("model." + container, input))) {
      c.metadata();
      for (String name : c.tensors().keySet()) {
        MemorySegment bytes = c.bytes(name);
        if (bytes.byteSize() != c.tensors().get(name).byteSize()) {
          throw new AssertionError(name + " has " + bytes.byteSize() + " bytes");
        }
        if (bytes.byteSize() > 0) {
          bytes.get(ValueLayout.JAVA_BYTE, 0);
          bytes.get(ValueLayout.JAVA_BYTE, bytes.byteSize() - 1);
        }
      }
    }
  }

  @Override
  public List<byte[]> seeds() {
    return List.of(container.equals("gguf") ? SmallFiles.gguf() : SmallFiles.safetensors());
  }
}
