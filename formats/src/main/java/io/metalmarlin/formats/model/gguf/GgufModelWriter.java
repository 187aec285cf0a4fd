package io.metalmarlin.formats.model.gguf;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.model.gguf.GgufOutput.Piece;
import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/// Writes Hugging Face tensors into a GGUF file: under other names, rows in another order, vectors
/// in FP32, experts stacked. What needs no change is handed through as it comes.
final class GgufModelWriter implements CheckpointWriter {
  private final CheckpointWriter file;
  private final GgufOutput output;

  /// @param file created for exactly the tensors of `output`; belongs to this object from now on
  GgufModelWriter(CheckpointWriter file, GgufOutput output) {
    this.file = file;
    this.output = output;
    output
        .constants()
        .forEach((name, values) -> {
          try (Arena arena = Arena.ofConfined()) {
            file.write(name, 0, arena.allocateFrom(JAVA_FLOAT_UNALIGNED, values));
          }
        });
  }

  /// @param offset and `bytes` cover whole rows of a tensor whose rows move, whole elements of one
  ///   whose values change, and all of one that is transposed
  @Override
  public void write(String tensor, long offset, MemorySegment bytes) {
    pieces(tensor).forEach(p -> write(p, offset, bytes));
  }

  private List<Piece> pieces(String tensor) {
    List<Piece> pieces = output.pieces().get(tensor);
    if (pieces == null) {
      throw new IllegalArgumentException("tensor \"" + tensor + "\" was not planned");
    }
    return pieces;
  }

  @Override
  public long place(String tensor) {
    return pieces(tensor).stream()
        .mapToLong(p -> file.place(p.stored().name()) + p.index())
        .min()
        .orElse(0);
  }

  private void write(Piece p, long offset, MemorySegment bytes) {
    long size = p.stored().byteSize() / p.target().sources().size();
    boolean scale = p.stored().shape().size() == 1 && p.source().elements() == 1;
    if (scale) {
      file.write(p.stored().name(), 4L * p.index(), bytes);
    } else if (!p.target().move().wholeRows()) {
      file.write(p.stored().name(), p.index() * size, transposed(p, offset, bytes));
    } else {
      long begin = p.index() * size;
      MemorySegment stored = bytes;
      long at = offset;
      if (p.stored().dtype() != p.source().dtype() || p.target().plusOne()) {
        stored = widened(p, bytes);
        at = offset / width(p.source().dtype()) * width(p.stored().dtype());
      }
      if (p.target().move() instanceof RowMove.Stay) {
        file.write(p.stored().name(), begin + at, stored);
      } else {
        moved(p, begin, at, stored);
      }
    }
  }

  /// Rows one by one to where they belong.
  private void moved(Piece p, long begin, long offset, MemorySegment bytes) {
    List<Long> shape = p.source().shape();
    long rows = shape.getFirst();
    long stride = p.stored().byteSize() / p.target().sources().size() / targetRows(p);
    long first = offset / stride;
    if (offset % stride != 0 || bytes.byteSize() % stride != 0) {
      throw new IllegalArgumentException(p.source().name() + " must be written in whole rows");
    }
    long count = bytes.byteSize() / stride;
    for (long row = 0; row < targetRows(p); row++) {
      long from = p.target().move().sourceRow(row, rows) - first;
      if (from >= 0 && from < count) {
        file.write(p.stored().name(), begin + row * stride, bytes.asSlice(from * stride, stride));
      }
    }
  }

  private static long targetRows(Piece p) {
    long rows = 1;
    List<Long> shape = p.target().shape();
    for (int i = 0; i < Math.max(1, shape.size() - 1); i++) {
      rows *= shape.get(i);
    }
    return rows / p.target().sources().size();
  }

  private static MemorySegment widened(Piece p, MemorySegment bytes) {
    float[] values = floats(p.source(), bytes);
    if (p.target().plusOne()) {
      for (int i = 0; i < values.length; i++) {
        values[i] += 1;
      }
    }
    return stored(p.stored().dtype(), values);
  }

  private static MemorySegment transposed(Piece p, long offset, MemorySegment bytes) {
    if (offset != 0 || bytes.byteSize() != p.source().byteSize()) {
      throw new IllegalArgumentException(p.source().name() + " must be written as a whole");
    }
    int rows = Math.toIntExact(p.source().shape().getFirst());
    return stored(p.stored().dtype(), p.target().values(floats(p.source(), bytes), rows));
  }

  private static float[] floats(TensorInfo source, MemorySegment bytes) {
    float[] values = new float[Math.toIntExact(bytes.byteSize() / width(source.dtype()))];
    Floats.widen(source.dtype(), bytes, 0, values, 0, values.length);
    return values;
  }

  private static MemorySegment stored(DType type, float[] values) {
    MemorySegment out = Arena.ofAuto().allocate((long) values.length * width(type), 8);
    Floats.narrow(type, values, 0, values.length, out, 0);
    return out;
  }

  private static int width(DType type) {
    return type.bits() / 8;
  }

  @Override
  public List<Path> files() {
    return file.files();
  }

  @Override
  public long settled(Path written) {
    return file.settled(written);
  }

  @Override
  public void sync() {
    file.sync();
  }

  @Override
  public void commit() {
    file.commit();
  }

  @Override
  public void close() {
    file.close();
  }
}
