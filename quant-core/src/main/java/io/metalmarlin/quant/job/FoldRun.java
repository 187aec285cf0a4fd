package io.metalmarlin.quant.job;

import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.quant.calibrate.CalibrationSet;
import io.metalmarlin.quant.calibrate.CollectedInput;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.fold.FoldSite;
import io.metalmarlin.quant.fold.FoldSites;
import io.metalmarlin.quant.fold.Folding;
import io.metalmarlin.quant.plan.Folds;
import io.metalmarlin.quant.plan.Plan;
import io.metalmarlin.quant.plan.Step;
import io.metalmarlin.quant.transform.Transforms;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.decode.Place;
import io.metalmarlin.runtime.model.Model;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Chooses what is folded into a model and how its inputs are transformed, before anything of it is
/// written: some calibration tokens go through the source's weights, half of them to solve with and
/// half to choose by.
final class FoldRun {
  /// Sums of outer products that are collected in one pass.
  private static final long STATISTICS_BYTES = 256L << 20;

  private final Plan plan;
  private final Model model;
  private final Workers workers;
  private final JobListener listener;
  private final Runnable stopIfCancelled;
  private final FoldChoice choice;
  private final Map<WeightId, Step.Quantize> steps = new HashMap<>();

  FoldRun(Plan plan, Workers workers, JobListener listener, Runnable stopIfCancelled) {
    this.plan = plan;
    this.model = plan.model();
    this.workers = workers;
    this.listener = listener;
    this.stopIfCancelled = stopIfCancelled;
    this.choice = new FoldChoice(model, plan.recipe(), workers);
    plan.quantized().forEach(s -> steps.put(s.linear().id(), s));
  }

  /// @param scratch an existing folder for the streams
  Folding choose(Backend backend, Path scratch) {
    Folding folding = new Folding();
    CalibrationSet all = plan.calibration().orElseThrow();
    int windows = Math.min(all.samples() / 2, Math.max(1, Folds.TOKENS / 2 / all.seqLen()));
    if (windows == 0) {
      return folding;
    }
    listener.stage("fold");
    try (Decoder decoder = new Decoder(model.spec(), model.weights(), backend);
        BlockCalibrator solved = calibrator(all, 0, windows, decoder, scratch.resolve("fold"));
        BlockCalibrator heldOut =
            calibrator(all, 1, windows, decoder, scratch.resolve("fold-held-out"))) {
      solved.embed();
      heldOut.embed();
      int blocks = model.spec().blocks().size();
      for (int b = 0; b < blocks; b++) {
        block(b, solved, heldOut, folding);
        if (b + 1 < blocks) {
          solved.leave(b, done -> {});
          heldOut.leave(b, done -> {});
        }
        decoder.reload(b);
        listener.progress(b + 1, blocks);
        stopIfCancelled.run();
      }
    }
    return folding;
  }

  private BlockCalibrator calibrator(
      CalibrationSet all, int half, int count, Decoder decoder, Path scratch) {
    try {
      Files.createDirectories(scratch);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    CalibrationSet part = all.half(half, count);
    return new BlockCalibrator(part, decoder, Optional.empty(), false, workers, scratch);
  }

  private void block(int block, BlockCalibrator solved, BlockCalibrator heldOut, Folding folding) {
    List<FoldSite> sites =
        Transforms.chosen(plan.recipe().transform())
            ? FoldSites.everyInput(model.spec(), block)
            : FoldSites.of(model.spec(), block);
    for (Place place : Place.of(model.spec().blocks().get(block))) {
      List<FoldSite> here =
          sites.stream().filter(s -> s.place().equals(place) && !steps(s).isEmpty()).toList();
      boolean arriving = true;
      for (List<FoldSite> batch : batches(here)) {
        List<String> groups = batch.stream().map(FoldSite::inputGroup).toList();
        List<String> where =
            groups.stream().map(g -> "block " + block + ", input of " + g).toList();
        List<CollectedInput> own = solved.collect(place, groups, arriving, where, done -> {});
        List<CollectedInput> other = heldOut.collect(place, groups, arriving, where, done -> {});
        arriving = false;
        try {
          for (int s = 0; s < batch.size(); s++) {
            fold(batch.get(s), own.get(s).statistics(), other.get(s).statistics(), folding);
          }
        } finally {
          own.forEach(CollectedInput::close);
          other.forEach(CollectedInput::close);
        }
      }
    }
  }

  /// As many sites at once as [#STATISTICS_BYTES] hold; at least one batch, with which the tokens
  /// arrive.
  private static List<List<FoldSite>> batches(List<FoldSite> sites) {
    List<List<FoldSite>> batches = new ArrayList<>(List.of(new ArrayList<>()));
    long bytes = 0;
    for (FoldSite s : sites) {
      long size = 2L * Double.BYTES * s.channelOf().length * s.channelOf().length;
      if (bytes > 0 && bytes + size > STATISTICS_BYTES) {
        batches.add(new ArrayList<>());
        bytes = 0;
      }
      batches.getLast().add(s);
      bytes += size;
    }
    return batches;
  }

  private void fold(
      FoldSite site, InputStatistics solved, InputStatistics heldOut, Folding folding) {
    // An expert that hardly any token reached has nothing to choose by.
    if (Math.min(solved.tokens(), heldOut.tokens()) < site.channels() / 2) {
      return;
    }
    FoldChoice.Candidate won = choice.choose(site, steps(site), solved, heldOut);
    if (won.smoothing() != null) {
      folding.add(model, site, won.smoothing().name(), won.exponents());
    }
    folding.transform(site, won.transform().online());
  }

  /// The readers that are quantized; none where one of them cannot be tried.
  private List<Step.Quantize> steps(FoldSite site) {
    List<Step.Quantize> readers =
        site.readers().stream().map(l -> steps.get(l.id())).filter(Objects::nonNull).toList();
    return readers.stream().allMatch(FoldChoice::tries) ? readers : List.of();
  }
}
