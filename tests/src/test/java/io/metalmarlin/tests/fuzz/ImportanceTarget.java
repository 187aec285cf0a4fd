package io.metalmarlin.tests.fuzz;

import io.metalmarlin.formats.importance.ImportanceFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// An importance file of either kind; what is accepted holds only numbers that are not negative.
record ImportanceTarget() implements FuzzTarget {
  @Override
  public String name() {
    return "importance";
  }

  @Override
  public void read(byte[] input) throws Exception {
    try (ScratchFile scratch = new ScratchFile()) {
      ImportanceFile file = ImportanceFile.read(scratch.write("imatrix", input));
      file.entries()
          .values()
          .forEach(e -> {
            for (float v : e.values()) {
              if (!(v >= 0)) {
                throw new AssertionError(e.tensor() + " holds " + v);
              }
            }
          });
    }
  }

  @Override
  public List<byte[]> seeds() {
    return List.of(dat(), SmallFiles.importance());
  }

  private static byte[] dat() {
    ByteBuffer b = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    b.putInt(1).putInt(1).put((byte) 'a').putInt(2).putInt(2).putFloat(1).putFloat(2);
    b.putInt(3).putInt(1).put("d".getBytes(StandardCharsets.UTF_8));
    byte[] file = new byte[b.position()];
    b.get(0, file);
    return file;
  }
}
