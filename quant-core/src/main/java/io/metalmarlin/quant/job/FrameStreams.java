package io.metalmarlin.quant.job;

import io.metalmarlin.quant.calibrate.TokenStream;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.decode.Frame;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// The frames of all calibration tokens at one place: a stream for each tensor, by name and width.
/// Frames that are written take the place of those before once all are written.
final class FrameStreams implements AutoCloseable {
  private record Key(String name, int cols) {}

  private record Slot(TokenStream stream, Tensor rows) {}

  private final Path scratch;
  private final String prefix;
  private final int maxRows;
  private final Backend backend;
  private final Map<Key, Slot> slots = new HashMap<>();
  private List<Key> current = List.of();
  private List<Key> next = List.of();

  /// @param prefix of the names of the files
  /// @param maxRows of one micro-batch
  FrameStreams(Path scratch, String prefix, int maxRows, Backend backend) {
    this.scratch = scratch;
    this.prefix = prefix;
    this.maxRows = maxRows;
    this.backend = backend;
  }

  /// Puts a batch's frame aside.
  void write(long row, Frame frame) {
    next =
        frame.tensors().entrySet().stream()
            .map(e -> new Key(e.getKey(), e.getValue().cols()))
            .toList();
    for (Key key : next) {
      slot(key).stream().write(row, frame.get(key.name()), backend);
    }
  }

  /// From now on the frames written last are those that are read.
  void turn() {
    current = next;
  }

  /// Takes the frame of `rows` tokens from `row` on back out; valid until the next call.
  Frame read(long row, int rows) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    for (Key key : current) {
      Tensor view = backend.rows(slot(key).rows(), 0, rows);
      slot(key).stream().read(row, view, backend);
      tensors.put(key.name(), view);
    }
    return new Frame(tensors);
  }

  private Slot slot(Key key) {
    return slots.computeIfAbsent(
        key,
        k -> {
          Path file = scratch.resolve(prefix + k.name() + "-" + k.cols() + ".f32");
          return new Slot(
              new TokenStream(file, k.cols(), maxRows), backend.allocate(maxRows, k.cols()));
        });
  }

  @Override
  public void close() {
    slots
        .values()
        .forEach(s -> {
          s.stream().close();
          s.rows().close();
        });
  }
}
