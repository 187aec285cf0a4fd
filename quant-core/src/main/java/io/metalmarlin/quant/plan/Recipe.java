package io.metalmarlin.quant.plan;

import io.metalmarlin.quant.solve.PruneRule;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was asked, fully resolved: every choice that changes the output's bytes is here and nothing
/// else, so a saved recipe reproduces a run. Threads, folders and progress are not part of it.
///
/// @param scheme user-level scheme name, for example `NVFP4A16`
/// @param groupSize columns that share a scale where the scheme leaves that open, [#CHANNEL] for
///   whole rows; 0 where the scheme fixes it
/// @param sparsity how two of four columns are chosen for 2:4 weights; null for dense ones
/// @param method name of a solver, for example `mr-gptq`
/// @param target name of a [Target]
/// @param scales how group scales are chosen
/// @param transform `none`, `had16` or `had32`, after `auto` was resolved for the target
/// @param damping initial damping relative to the mean diagonal of the Hessian
/// @param shrink damping of each diagonal entry relative to itself
/// @param order column order of error feedback
/// @param refine cycles of refinement behind error feedback; 0 for none
/// @param drift `none`, `auto`, or how much of the drift of inputs weights make up for; see [Drift]
/// @param fold `none`, or `auto` where weights before an input take over changes of its scale
/// @param dataset `embedded:NAME` or a file, as the user wrote it
/// @param samples calibration windows
/// @param seqLen tokens of one window
/// @param imatrix the importance file that stands in for calibration, as the user wrote it; else
///   empty
/// @param ignore patterns of modules left in their source type
/// @param rules schemes of single modules, a mix's own among them; the last that matches wins
/// @param seed chooses the calibration windows
public record Recipe(
    String scheme,
    int groupSize,
    @Nullable PruneRule sparsity,
    String method,
    String target,
    ScaleRule scales,
    String transform,
    double damping,
    double shrink,
    ColumnOrder order,
    int refine,
    String drift,
    String fold,
    String dataset,
    int samples,
    int seqLen,
    String imatrix,
    List<String> ignore,
    List<SchemeRule> rules,
    long seed) {
  /// The group size that means one scale for a whole row, as GPTQ and compressed-tensors write it.
  public static final int CHANNEL = -1;

  public Recipe {
    ignore = List.copyOf(ignore);
    rules = List.copyOf(rules);
  }

  /// What reports and cards call the scheme: `NVFP4A16`, sparse `NVFP4A16-2of4`.
  public String schemeName() {
    return sparsity == null ? scheme : scheme + "-2of4";
  }

  /// Whether the scheme is a mix of llama.cpp or mlx-lm, whose rules come first among the recipe's.
  public boolean mix() {
    return BlockMixes.named(scheme).isPresent() || MlxMix.named(scheme).isPresent();
  }
}
