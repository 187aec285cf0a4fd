package io.metalmarlin.quant.job;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.quant.fold.Folding;
import io.metalmarlin.quant.plan.Recipe;
import io.metalmarlin.quant.plan.Step;
import io.metalmarlin.quant.solve.Methods;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.StoredMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Some linears of one block, rounded as a job without calibration would write them, in memory and
/// not in files: the solver and the layouts are the job's.
public final class Trial implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final Map<WeightId, StoredMatrix> matrices = new HashMap<>();
  private final List<LayerReport> reports;

  /// @param recipe of a method that needs no statistics
  /// @param steps each fused set complete
  public Trial(Model model, Recipe recipe, List<Step.Quantize> steps, Workers workers) {
    Planes planes = new Planes(arena);
    steps.forEach(s -> s.tensors().forEach(t -> planes.add(t.name(), t.byteSize())));
    BlockSolver solver =
        new BlockSolver(
            model,
            recipe,
            Methods.of(recipe.method()),
            new BlockImportance(Optional.empty()),
            new Folding(),
            planes,
            workers,
            () -> {});
    reports = solver.solve(steps, null, done -> {});
    for (Step.Quantize s : steps) {
      List<MemorySegment> bytes =
          s.packing().planes(s.linear().out(), s.linear().in()).stream()
              .map(p -> planes.get(p.tensor(s.name()).name()))
              .toList();
      matrices.put(
          s.linear().id(),
          new StoredMatrix.Packed(
              s.packing().decode(bytes, s.linear().out(), s.linear().in()), s.transform()));
    }
  }

  /// By the linear's id; valid until this is closed.
  public Map<WeightId, StoredMatrix> matrices() {
    return matrices;
  }

  public List<LayerReport> reports() {
    return reports;
  }

  @Override
  public void close() {
    arena.close();
  }

  /// A writer that keeps what it is given.
  private static final class Planes implements CheckpointWriter {
    private final Arena arena;
    private final Map<String, MemorySegment> tensors = new HashMap<>();

    Planes(Arena arena) {
      this.arena = arena;
    }

    void add(String tensor, long bytes) {
      tensors.put(tensor, arena.allocate(bytes, 64));
    }

    MemorySegment get(String tensor) {
      return java.util.Objects.requireNonNull(tensors.get(tensor), tensor);
    }

    @Override
    public void write(String tensor, long offset, MemorySegment bytes) {
      MemorySegment.copy(bytes, 0, get(tensor), offset, bytes.byteSize());
    }

    @Override
    public List<Path> files() {
      return List.of();
    }

    @Override
    public long place(String tensor) {
      return 0;
    }

    @Override
    public long settled(Path file) {
      return 0;
    }

    @Override
    public void sync() {}

    @Override
    public void commit() {}

    @Override
    public void close() {}
  }
}
