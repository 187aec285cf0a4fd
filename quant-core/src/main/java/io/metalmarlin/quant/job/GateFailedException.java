package io.metalmarlin.quant.job;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;

/// A quality limit was exceeded; carries what was measured, so that a report can show it.
public final class GateFailedException extends MarlinException {
  private static final long serialVersionUID = 1L;

  private final transient JobOptions.Proof proof;

  GateFailedException(JobOptions.Proof proof, String message, String hint) {
    super(ErrorCode.GATE_FAILED, "quality gate", message, hint);
    this.proof = proof;
  }

  public JobOptions.Proof proof() {
    return proof;
  }
}
