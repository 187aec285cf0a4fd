package io.metalmarlin.formats.container;

import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Fills the files of a planned checkpoint in any order. Headers and sizes stand from the start.
public final class PlannedFiles implements CheckpointWriter {
  /// @param place its first byte, counted over all files
  private record Slot(PlannedFile file, long begin, long size, long place) {}

  private final Path folder;
  private final List<PlannedFile> files = new ArrayList<>();
  private final Map<String, Slot> slots = new HashMap<>();
  private volatile boolean committed;

  /// Opens the files, keeping the data of those that already begin as planned.
  ///
  /// @param folder existing
  /// @param plans together they hold each of the tensors once
  /// @throws io.metalmarlin.formats.MarlinException `DISK_FULL` or `OUTPUT_UNWRITABLE`
  public PlannedFiles(Path folder, List<FilePlan> plans, List<TensorInfo> tensors) {
    this.folder = folder;
    Map<String, Long> sizes = new HashMap<>();
    tensors.forEach(t -> sizes.put(t.name(), t.byteSize()));
    long before = 0;
    try {
      for (FilePlan plan : plans) {
        PlannedFile file =
            PlannedFile.open(folder.resolve(plan.fileName()), plan.prefix(), plan.size());
        files.add(file);
        for (Map.Entry<String, Long> e : plan.begin().entrySet()) {
          long size = sizes.get(e.getKey());
          slots.put(e.getKey(), new Slot(file, e.getValue(), size, before + e.getValue()));
        }
        before += plan.size();
        leaveGapsBlank(file, plan);
      }
    } catch (RuntimeException e) {
      closeAfter(e);
      throw e;
    }
    if (slots.size() != tensors.size()) {
      close();
      throw new IllegalArgumentException("a tensor is listed twice");
    }
  }

  /// What lies between tensors, and behind the last.
  private void leaveGapsBlank(PlannedFile file, FilePlan plan) {
    long at = plan.prefix().length;
    List<Slot> inOrder =
        plan.begin().keySet().stream()
            .map(slots::get)
            .sorted(Comparator.comparingLong(Slot::begin).thenComparingLong(Slot::size))
            .toList();
    for (Slot slot : inOrder) {
      file.leaveBlank(at, slot.begin);
      at = slot.begin + slot.size;
    }
    file.leaveBlank(at, plan.size());
  }

  @Override
  public void write(String tensor, long offset, MemorySegment bytes) {
    if (committed) {
      throw new IllegalStateException("already committed");
    }
    Slot slot = slot(tensor);
    if (offset < 0 || bytes.byteSize() > slot.size - offset) {
      throw new IllegalArgumentException(
          "%s: %d bytes at %d do not fit into %d"
              .formatted(tensor, bytes.byteSize(), offset, slot.size));
    }
    slot.file.write(slot.begin + offset, bytes);
  }

  private Slot slot(String tensor) {
    Slot slot = slots.get(tensor);
    if (slot == null) {
      throw new IllegalArgumentException("tensor \"" + tensor + "\" was not planned");
    }
    return slot;
  }

  @Override
  public long place(String tensor) {
    return slot(tensor).place;
  }

  @Override
  public List<Path> files() {
    return files.stream().map(PlannedFile::path).toList();
  }

  @Override
  public long settled(Path file) {
    return files.stream().filter(f -> f.path().equals(file)).findFirst().orElseThrow().settled();
  }

  @Override
  public void sync() {
    files.forEach(PlannedFile::sync);
  }

  @Override
  public void commit() {
    sync();
    Durable.syncFolder(folder);
    committed = true;
  }

  @Override
  public void close() {
    files.forEach(PlannedFile::close);
  }

  /// Closes the files because of an error that is on its way.
  public void closeAfter(RuntimeException first) {
    try {
      close();
    } catch (RuntimeException e) {
      first.addSuppressed(e);
    }
  }
}
