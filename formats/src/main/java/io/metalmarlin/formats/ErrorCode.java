package io.metalmarlin.formats;

/// What went wrong, as a stable code. The first digit is the process exit code (product contract: 1
/// bug, 2 usage, 3 refused in preflight, 4 quality or solver, 5 input, 6 output, 7 network).
public enum ErrorCode {
  INTERNAL("E101"),
  BAD_FLAG("E201"),
  BAD_RECIPE("E202"),
  NOT_DIVISIBLE("E301"),
  UNSUPPORTED_MODEL("E302"),
  TARGET_CANNOT("E303"),
  CALIBRATION_TOO_SHORT("E304"),
  ALREADY_QUANTIZED("E305"),
  NOT_ENOUGH_MEMORY("E311"),
  NOT_ENOUGH_DISK("E312"),
  OUTPUT_EXISTS("E321"),
  FINGERPRINT_CONFLICT("E322"),
  JOB_LOCKED("E323"),
  FALLBACK_REFUSED("E331"),
  GATE_FAILED("E401"),
  NOT_POSITIVE_DEFINITE("E402"),
  NUMERIC_FAILURE("E403"),
  VERIFY_FAILED("E404"),
  FILE_MISSING("E501"),
  FILE_UNREADABLE("E502"),
  FILE_TRUNCATED("E503"),
  HEADER_MALFORMED("E504"),
  CONFIG_MALFORMED("E505"),
  TENSOR_MISSING("E506"),
  TENSOR_MISMATCH("E507"),
  NON_FINITE("E508"),
  TOKENIZER_MALFORMED("E509"),
  REFUSED_FORMAT("E510"),
  TEMPLATE_FAILED("E511"),
  OUTPUT_UNWRITABLE("E601"),
  DISK_FULL("E602"),
  OFFLINE_MISS("E701"),
  NETWORK_FAILED("E702"),
  ACCESS_DENIED("E703"),
  REPOSITORY_MISSING("E704"),
  DOWNLOAD_CORRUPT("E705");

  private final String id;

  ErrorCode(String id) {
    this.id = id;
  }

  /// The printed code, for example `E503`.
  public String id() {
    return id;
  }

  /// The process exit code that goes with it: the first digit of the code.
  public int exitCode() {
    return id.charAt(1) - '0';
  }
}
