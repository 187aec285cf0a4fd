package io.metalmarlin.quant.verify;

/// One thing that a check found.
///
/// @param code of the check, for example `scale`
/// @param where tensor, module or file
/// @param reason what is wrong, with expected and actual figures; no full stop
/// @param remedy what to do about it, one sentence
public record Finding(Severity severity, String code, String where, String reason, String remedy) {
  public boolean isError() {
    return severity == Severity.ERROR;
  }
}
