package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.regrid.TensorScaleChange;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// Runs the steps that move bytes: kept tensors and repacked modules, several at a time.
final class ExactSteps implements AutoCloseable {
  /// Large tensors are copied in pieces of this size by several workers.
  private static final long PIECE = 32L << 20;

  private final Checkpoint source;
  private final CheckpointWriter writer;
  private final Workers workers;
  private final Cores cores;
  private final Runnable moved;
  private final ScratchPool pool;
  private final SmallPlanes small;

  /// @param moved told after each piece, whose bytes are then in the files
  ExactSteps(
      Checkpoint source, CheckpointWriter writer, Workers workers, Cores cores, Runnable moved) {
    this.source = source;
    this.writer = writer;
    this.workers = workers;
    this.cores = cores;
    this.moved = moved;
    this.pool = new ScratchPool(workers.threads());
    this.small = new SmallPlanes(source, writer);
  }

  @Override
  public void close() {
    pool.close();
  }

  /// Writes what the files begin with; to be called with all steps before any of them is run.
  void writeSmall(List<ConvertStep> steps) {
    for (ConvertStep s : steps) {
      if (s instanceof ConvertStep.Repack r) {
        small.write(r);
      }
    }
  }

  /// @return reports in the order of the steps
  List<TensorReport> run(List<ConvertStep> steps) {
    AtomicReferenceArray<TensorReport> reports = new AtomicReferenceArray<>(steps.size());
    List<Runnable> pieces = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      int at = i;
      ConvertStep step = steps.get(i);
      if (step instanceof ConvertStep.Keep keep) {
        reports.set(i, TensorReport.exact(step, "keep", 0));
        long size = keep.tensor().byteSize();
        for (long from = 0; from < size; from += PIECE) {
          long begin = from;
          pieces.add(() -> copy(keep.tensor(), begin, Math.min(PIECE, size - begin)));
        }
      } else {
        pieces.add(() -> reports.set(at, run(step)));
      }
    }
    workers.run(
        pieces.size(),
        i -> {
          cores.run(pieces.get(i));
          moved.run();
        });
    List<TensorReport> out = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      out.add(reports.get(i));
    }
    return out;
  }

  private void copy(TensorInfo t, long from, long size) {
    writer.write(t.name(), from, source.bytes(t.name()).asSlice(from, size));
  }

  private TensorReport run(ConvertStep step) {
    return switch (step) {
      case ConvertStep.Repack r -> repack(r);
      case ConvertStep.Number n -> number(n);
      default -> throw new IllegalArgumentException(step + " is not exact");
    };
  }

  private TensorReport number(ConvertStep.Number n) {
    MemorySegment bytes = MemorySegment.ofArray(new byte[(int) n.target().byteSize()]);
    DenseValues.write(n.target().dtype(), new float[] {n.value()}, 1, bytes);
    writer.write(n.target().name(), 0, bytes);
    return TensorReport.exact(n, "scale", 0);
  }

  private void write(TensorInfo output, MemorySegment plane) {
    if (!small.wrote(output)) {
      writer.write(output.name(), 0, plane);
    }
  }

  private TensorReport repack(ConvertStep.Repack r) {
    List<TensorInfo> outputs = r.outputs();
    PackedModule module = r.module();
    if (r.target().equals(module.packing())) {
      for (int i = 0; i < outputs.size(); i++) {
        write(outputs.get(i), module.planes().get(i).bytes(source));
      }
      return TensorReport.exact(r, "repack", 0);
    }
    // A quarter for scales and zeros in grids between the two.
    return pool.lend(
        (r.sourceBytes() + r.outputBytes()) / 4 * 5, memory -> repack(r, outputs, memory));
  }

  private TensorReport repack(
      ConvertStep.Repack r, List<TensorInfo> outputs, SegmentAllocator memory) {
    PackedMatrix matrix =
        ExactFit.regrid(r.module().matrix(source, memory), r.target(), memory)
            .orElseThrow(() -> new IllegalStateException(r.name() + " is not exact after all"));
    List<MemorySegment> planes = r.target().store(matrix, memory);
    for (int i = 0; i < outputs.size(); i++) {
      write(outputs.get(i), planes.get(i));
    }
    boolean turned = matrix instanceof QuantizedMatrix && r.target() instanceof GroupPacking;
    int ulps =
        turned
            ? TensorScaleChange.ulps(
                ((QuantizedMatrix) matrix).tensorScale(),
                ((GroupPacking) r.target()).tensorScaleKind())
            : 0;
    return TensorReport.exact(r, "repack", ulps);
  }
}
