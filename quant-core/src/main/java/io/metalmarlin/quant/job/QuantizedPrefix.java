package io.metalmarlin.quant.job;

import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.StoredMatrix;
import io.metalmarlin.runtime.model.Weights;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The weights of a model whose first blocks are quantized: one block as it was written, all others from
/// the source.
///
/// The partial output is itself a model, so a block is read back through the same reader as everybody
/// else's, on a first run and after a resume alike. It is opened anew for each block because its files
/// grow between.
final class QuantizedPrefix implements Weights, AutoCloseable {
  private static final int NONE = -1;

  private final Weights source;
  private final Path partial;
  private @Nullable Model written;
  private int writtenBlock = NONE;

  QuantizedPrefix(Weights source, Path partial) {
    this.source = source;
    this.partial = partial;
  }

  /// From now on `block` is read as it was written.
  void useWritten(int block) {
    close();
    written = Models.open(partial);
    writtenBlock = block;
  }

  private Weights of(WeightId id) {
    return written != null && id.layer() == writtenBlock ? written.weights() : source;
  }

  @Override
  public StoredMatrix matrix(WeightId id, int rows, int cols) {
    return of(id).matrix(id, rows, cols);
  }

  @Override
  public float[] vector(WeightId id, String tensor, int size) {
    return of(id).vector(id, tensor, size);
  }

  @Override
  public void close() {
    if (written != null) {
      written.close();
      written = null;
      writtenBlock = NONE;
    }
  }
}
