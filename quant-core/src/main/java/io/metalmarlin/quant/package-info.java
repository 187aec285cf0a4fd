/// Recipe, plan, calibration, transforms, solvers and the job that drives them.
///
/// Knows no command line and no Metal. Start with {@link io.metalmarlin.quant.plan.Plan}
/// (everything that will happen, validated) and {@link io.metalmarlin.quant.job.Job} (block by
/// block).
@NullMarked
package io.metalmarlin.quant;

import org.jspecify.annotations.NullMarked;
