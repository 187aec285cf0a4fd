package io.metalmarlin.cli.command;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.quant.job.JobListener;
import io.metalmarlin.quant.job.LayerReport;

/// `--no-fallback`: ends the job at the first weight that was not solved as asked. Passes
/// everything on.
record NoFallback(JobListener next) implements JobListener {
  @Override
  public void stage(String name) {
    next.stage(name);
  }

  @Override
  public void progress(double done, double total) {
    next.progress(done, total);
  }

  @Override
  public void resumed(int finished, int blocks) {
    next.resumed(finished, blocks);
  }

  @Override
  public void blockStarted(int block, int blocks) {
    next.blockStarted(block, blocks);
  }

  @Override
  public void weightDone(LayerReport r) {
    next.weightDone(r);
    if (r.dampingRetries() > 0) {
      throw new MarlinException(
          ErrorCode.FALLBACK_REFUSED,
          r.module(),
          "its Hessian could not be factored as asked: damping was raised %d times to %.3g"
              .formatted(r.dampingRetries(), r.damping()),
          "Add calibration text, start with a larger --damp, or leave --no-fallback out.");
    }
    if (r.fallback() != null) {
      throw new MarlinException(
          ErrorCode.FALLBACK_REFUSED,
          r.module(),
          "no calibration token reached its input; it was solved by " + r.fallback(),
          "Add calibration text with --dataset or --samples, or leave --no-fallback out.");
    }
  }

  @Override
  public void blockDone(int block, int blocks) {
    next.blockDone(block, blocks);
  }

  @Override
  public void warning(String code, String where, String message) {
    next.warning(code, where, message);
  }
}
