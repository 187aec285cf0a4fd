package io.metalmarlin.runtime.eval;

import io.metalmarlin.formats.container.safetensors.SingleFile;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.decode.Decoder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Writes a [ReferenceFile] while a model is measured.
final class ReferenceWriter implements AutoCloseable {
  private final SingleFile file;
  private final Decoder decoder;
  private final int context;
  private final int scored;
  private final long width;

  /// @param source what the model was called
  ReferenceWriter(Path path, String source, Decoder decoder, int context, int windows) {
    this.decoder = decoder;
    this.context = context;
    this.scored = ReferenceFile.scored(context);
    this.width = decoder.spec().hidden();
    this.file =
        SingleFile.create(
            path,
            List.of(
                TensorInfo.of(ReferenceFile.TOKENS, DType.I32, windows, context),
                TensorInfo.of(ReferenceFile.PROBE, DType.F32, 1, decoder.spec().vocabulary()),
                TensorInfo.of(ReferenceFile.HIDDEN, DType.F32, (long) windows * scored, width)),
            Map.of(ReferenceFile.MARK, ReferenceFile.VERSION, ReferenceFile.SOURCE, source));
  }

  /// @param ids whole windows
  /// @param hidden their states, a row for each id
  void add(int firstWindow, int[] ids, Tensor hidden) {
    Backend backend = decoder.backend();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment tokens = arena.allocate(4L * ids.length, 64);
      MemorySegment.copy(ids, 0, tokens, ValueLayout.JAVA_INT, 0, ids.length);
      file.writer().write(ReferenceFile.TOKENS, 4L * firstWindow * context, tokens);
      MemorySegment rows = arena.allocate(4L * scored * width, 64);
      for (int w = 0; w < ids.length / context; w++) {
        int from = w * context + context / 2;
        backend.read(backend.rows(hidden, from, from + scored), rows);
        long at = (long) (firstWindow + w) * rows.byteSize();
        file.writer().write(ReferenceFile.HIDDEN, at, rows);
      }
      if (firstWindow == 0) {
        probe(hidden, arena);
      }
    }
  }

  private void probe(Tensor hidden, Arena arena) {
    int vocabulary = decoder.spec().vocabulary();
    Backend backend = decoder.backend();
    try (Tensor out = backend.allocate(1, vocabulary)) {
      decoder.logits(hidden, context / 2, context / 2 + 1, out);
      MemorySegment logits = arena.allocate(4L * vocabulary, 64);
      backend.read(out, logits);
      file.writer().write(ReferenceFile.PROBE, 0, logits);
    }
  }

  void commit() {
    file.commit();
  }

  @Override
  public void close() {
    file.close();
  }
}
