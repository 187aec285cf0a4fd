package io.metalmarlin.quant.job;

import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.plan.Plan;
import io.metalmarlin.quant.plan.Step;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.model.ModelSpec;
import java.util.ArrayList;
import java.util.List;

/// The loop of calibrated methods over one block: for each input group collect its statistics
/// behind everything that is already quantized, solve its linears, write them.
final class CalibratedBlocks implements AutoCloseable {
  private final ModelSpec spec;
  private final QuantizedPrefix prefix;
  private final Decoder decoder;
  private final BlockCalibrator calibrator;
  private final BlockSolver solver;
  private final JobListener listener;
  private final Runnable stopIfCancelled;

  CalibratedBlocks(
      Plan plan,
      Backend backend,
      Workers workers,
      PartialFolder partial,
      BlockSolver solver,
      JobListener listener,
      Runnable stopIfCancelled) {
    this.spec = plan.model().spec();
    this.prefix = new QuantizedPrefix(plan.model().weights(), partial.model());
    this.decoder = new Decoder(spec, prefix, backend);
    this.calibrator =
        new BlockCalibrator(plan.calibration().orElseThrow(), decoder, workers, partial.scratch());
    this.solver = solver;
    this.listener = listener;
    this.stopIfCancelled = stopIfCancelled;
  }

  /// Embeds the calibration tokens and moves them behind the blocks an earlier run has finished.
  void start(List<List<Step.Quantize>> finished) {
    calibrator.embed();
    for (int b = 0; b < finished.size(); b++) {
      int block = b;
      listener.stage("replay");
      use(block, ids(finished.get(b)));
      calibrator.replay(
          block,
          done -> {
            listener.progress(block + done, finished.size());
            stopIfCancelled.run();
          });
    }
  }

  /// Solves and writes the linears of a block; the tokens then stand before its down projection.
  List<LayerReport> solve(int block, List<Step.Quantize> steps) {
    List<LayerReport> reports = new ArrayList<>();
    List<WeightId> written = new ArrayList<>();
    BlockCalibrator.Stage[] stages = BlockCalibrator.Stage.values();
    for (BlockCalibrator.Stage stage : stages) {
      String group = stage.inputGroup(spec.blocks().get(block));
      List<Step.Quantize> linears =
          steps.stream().filter(s -> s.linear().inputGroup().equals(group)).toList();
      use(block, written);
      String where = "block " + block + ", input of " + group;
      double before = (double) stage.ordinal() / (stages.length + 1);
      try (InputStatistics statistics =
          calibrator.collect(
              block, stage, where, done -> tick(before + done / (stages.length + 1)))) {
        if (!linears.isEmpty()) {
          reports.addAll(solver.solve(linears, statistics, listener::weightDone));
          written.addAll(ids(linears));
        }
      }
    }
    use(block, written);
    return reports;
  }

  /// Moves the tokens behind a solved block.
  void leave(int block) {
    calibrator.leave(block, done -> tick(0.8 + 0.2 * done));
  }

  private void use(int block, List<WeightId> written) {
    prefix.useWritten(written);
    decoder.reload(block);
  }

  private static List<WeightId> ids(List<Step.Quantize> steps) {
    return steps.stream().map(s -> s.linear().id()).toList();
  }

  private void tick(double done) {
    listener.progress(done, 1);
    stopIfCancelled.run();
  }

  @Override
  public void close() {
    calibrator.close();
    decoder.close();
    prefix.close();
  }
}
