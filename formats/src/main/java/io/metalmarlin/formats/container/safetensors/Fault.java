package io.metalmarlin.formats.container.safetensors;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.container.FileFault;

/// Every way in which a safetensors file can lie; one test each bears its name.
public enum Fault implements FileFault {
  /// Fewer than the 8 bytes of the length.
  HEADER_TOO_SMALL(ErrorCode.FILE_TRUNCATED, "no room for the header length"),
  /// A header length above 100,000,000 bytes: damaged, or no safetensors file.
  HEADER_TOO_LARGE(ErrorCode.HEADER_MALFORMED, "header length out of range"),
  /// The header ends beyond the file.
  INVALID_HEADER_LENGTH(ErrorCode.FILE_TRUNCATED, "header longer than the file"),
  /// The header is no strict UTF-8.
  INVALID_UTF8(ErrorCode.HEADER_MALFORMED, "header is not UTF-8"),
  /// The header is no strict JSON object, or nests deeper than the reference reads.
  INVALID_JSON(ErrorCode.HEADER_MALFORMED, "header is not valid JSON"),
  /// `__metadata__` stands there twice.
  DUPLICATE_METADATA(ErrorCode.HEADER_MALFORMED, "__metadata__ stands there twice"),
  /// `__metadata__` is neither null nor an object of strings.
  INVALID_METADATA(ErrorCode.HEADER_MALFORMED, "__metadata__ malformed"),
  /// A tensor's entry lacks a field, repeats one, or holds something of the wrong kind.
  INVALID_ENTRY(ErrorCode.HEADER_MALFORMED, "entry malformed"),
  /// A dtype outside the 22 of [io.metalmarlin.formats.tensor.DType]; names are case-sensitive.
  UNKNOWN_DTYPE(ErrorCode.HEADER_MALFORMED, "unknown dtype"),
  /// A tensor ends before it begins.
  INVALID_OFFSETS(ErrorCode.HEADER_MALFORMED, "data_offsets run backwards"),
  /// Bytes that belong to no tensor.
  HOLE(ErrorCode.HEADER_MALFORMED, "hole before the tensor"),
  /// Two tensors share bytes.
  OVERLAP(ErrorCode.HEADER_MALFORMED, "overlap with the tensor before"),
  /// Elements of 4 or 6 bits that do not fill whole bytes.
  MISALIGNED_SLICE(ErrorCode.HEADER_MALFORMED, "tensor does not end on a byte"),
  /// A product of dimensions, a size or an offset beyond 64 bits.
  SIZE_OVERFLOW(ErrorCode.HEADER_MALFORMED, "size beyond 64 bits"),
  /// dtype and shape need another number of bytes than data_offsets give.
  INVALID_INFO(ErrorCode.HEADER_MALFORMED, "size does not fit dtype and shape"),
  /// Data ends beyond the file: an incomplete download.
  TRUNCATED(ErrorCode.FILE_TRUNCATED, "incomplete download"),
  /// The file goes on after the last tensor.
  METADATA_INCOMPLETE(ErrorCode.HEADER_MALFORMED, "bytes after the last tensor"),
  /// The file's size, time or identity changed after its header was read.
  CHANGED(ErrorCode.FILE_UNREADABLE, "file changed while it was open");

  private final ErrorCode code;
  private final String what;

  Fault(ErrorCode code, String what) {
    this.code = code;
    this.what = what;
  }

  @Override
  public ErrorCode code() {
    return code;
  }

  @Override
  public String what() {
    return what;
  }

  @Override
  public String hint() {
    return switch (this) {
      case HEADER_TOO_SMALL, INVALID_HEADER_LENGTH, TRUNCATED -> "Fetch it again.";
      case HEADER_TOO_LARGE ->
          "Check that it is no Git LFS pointer or web page under that name; fetch it again.";
      case CHANGED -> "Start again once nothing else writes the file.";
      default -> "The file is damaged or was written by a faulty tool; fetch it again.";
    };
  }
}
