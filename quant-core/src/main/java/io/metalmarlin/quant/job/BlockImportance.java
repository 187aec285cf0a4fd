package io.metalmarlin.quant.job;

import io.metalmarlin.formats.importance.ModuleImportance;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.plan.Step;
import io.metalmarlin.quant.solve.BlockRows;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where the importance of a linear's columns comes from: a file, the calibration of this run, or
/// nowhere.
///
/// @param file what the plan found in an importance file
record BlockImportance(Optional<ModuleImportance> file) {
  /// @param statistics of the linear's input; null without calibration
  BlockRows of(Step.Quantize step, @Nullable InputStatistics statistics) {
    if (statistics != null) {
      return new BlockRows(BlockRows.importance(statistics), statistics);
    }
    return new BlockRows(
        file.flatMap(f -> f.columns(step.name(), step.linear().in())).orElse(null), null);
  }
}
