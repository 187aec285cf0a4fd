package io.metalmarlin.runtime.eval;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.model.Sequences;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A reference that ran earlier: its hidden states from a file, its head computed anew.
final class StoredLogits implements WindowLogits {
  private final ReferenceFile file;
  private final Decoder decoder;
  private final Backend backend;
  private final Tensor hidden;
  private final Tensor out;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment rows;
  private final MemorySegment host;
  private int firstWindow;

  /// @param decoder of the source, of which only final norm and head are used
  StoredLogits(ReferenceFile file, Decoder decoder, int slice) {
    this.file = file;
    this.decoder = decoder;
    this.backend = decoder.backend();
    this.hidden = backend.allocate(slice, decoder.spec().hidden());
    this.out = backend.allocate(slice, decoder.spec().vocabulary());
    this.rows = arena.allocate(4L * slice * decoder.spec().hidden(), 64);
    this.host = arena.allocate(4L * slice * decoder.spec().vocabulary(), 64);
  }

  @Override
  public void forward(int[] ids, int firstWindow, Sequences sequences) {
    file.requireTokens(firstWindow, ids);
    this.firstWindow = firstWindow;
  }

  @Override
  public MemorySegment logits(int row, int count) {
    int window = firstWindow + row / file.context();
    file.read(window, row % file.context() - file.context() / 2, count, rows);
    backend.write(hidden, rows);
    Tensor some = backend.rows(out, 0, count);
    decoder.logits(hidden, 0, count, some);
    backend.read(some, host);
    return host;
  }

  @Override
  public void close() {
    hidden.close();
    out.close();
    arena.close();
  }
}
