package io.metalmarlin.quant.fold;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.FileDigest;
import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;

/// A checkpoint some of whose tensors are scaled by powers of two, in their own type. Scaled
/// tensors are made when asked for and kept until one of a later block is: for a walk through the
/// blocks from the first to the last.
final class FoldedCheckpoint implements Checkpoint {
  private final Checkpoint source;
  private final Map<String, Scaling> scalings;
  private final TreeMap<Integer, Arena> arenas = new TreeMap<>();
  private final Map<String, MemorySegment> made = new HashMap<>();

  /// @param source stays the caller's to close
  FoldedCheckpoint(Checkpoint source, Map<String, Scaling> scalings) {
    this.source = source;
    this.scalings = scalings;
  }

  @Override
  public SequencedMap<String, TensorInfo> tensors() {
    return source.tensors();
  }

  @Override
  public synchronized MemorySegment bytes(String name) {
    Scaling scaling = scalings.get(name);
    if (scaling == null) {
      return source.bytes(name);
    }
    giveUpBefore(scaling.block());
    return made.computeIfAbsent(name, n -> scaled(source.tensors().get(n), scaling));
  }

  private void giveUpBefore(int block) {
    while (!arenas.isEmpty() && arenas.firstKey() < block) {
      int old = arenas.firstKey();
      made.keySet().removeIf(n -> scalings.get(n).block() == old);
      arenas.pollFirstEntry().getValue().close();
    }
  }

  private MemorySegment scaled(TensorInfo t, Scaling scaling) {
    Arena arena = arenas.computeIfAbsent(scaling.block(), b -> Arena.ofShared());
    MemorySegment from = source.bytes(t.name());
    MemorySegment to = arena.allocate(t.byteSize(), 64);
    int rows = Math.toIntExact(t.shape().getFirst());
    float[] row = new float[t.shape().size() == 1 ? 1 : Math.toIntExact(t.shape().get(1))];
    for (int r = 0; r < rows; r++) {
      long first = (long) r * row.length;
      Floats.widen(t.dtype(), from, first, row, 0, row.length);
      scaling.apply(row, r);
      Floats.narrow(t.dtype(), row, 0, row.length, to, first);
    }
    return to;
  }

  @Override
  public Path file(String name) {
    return source.file(name);
  }

  @Override
  public List<Path> files() {
    return source.files();
  }

  @Override
  public Map<String, String> metadata() {
    return source.metadata();
  }

  @Override
  public Optional<FileDigest> digest(Path file) {
    return source.digest(file);
  }

  @Override
  public void keepOnly(Set<String> needed) {
    source.keepOnly(needed);
  }

  /// Frees what was made; the source stays open.
  @Override
  public synchronized void close() {
    giveUpBefore(Integer.MAX_VALUE);
  }
}
