package io.metalmarlin.runtime.decode;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/// Arrays of a golden file.
record Golden(Checkpoint file) implements AutoCloseable {
  static Golden open(Path path) {
    return new Golden(Containers.open(path));
  }

  float[] floats(String name) {
    MemorySegment s = file.bytes(name);
    float[] f = new float[(int) (s.byteSize() / 4)];
    MemorySegment.copy(s, JAVA_FLOAT_UNALIGNED, 0, f, 0, f.length);
    return f;
  }

  int[] ids(String name) {
    MemorySegment s = file.bytes(name);
    boolean wide = file.tensors().get(name).dtype() == DType.I64;
    int[] ids = new int[(int) (s.byteSize() / (wide ? 8 : 4))];
    for (int i = 0; i < ids.length; i++) {
      ids[i] =
          wide
              ? (int) s.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, i)
              : s.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i);
    }
    return ids;
  }

  @Override
  public void close() {
    file.close();
  }
}
