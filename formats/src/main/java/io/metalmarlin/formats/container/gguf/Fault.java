package io.metalmarlin.formats.container.gguf;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.container.FileFault;

/// Every way in which a GGUF file can lie; one test each bears its name.
public enum Fault implements FileFault {
  /// The file does not begin with `GGUF`.
  BAD_MAGIC(ErrorCode.HEADER_MALFORMED, "no GGUF file"),
  /// A version other than 2 and 3, in either byte order.
  BAD_VERSION(ErrorCode.REFUSED_FORMAT, "version not read"),
  /// More tensors than the rest of the file could describe, or a negative number.
  BAD_TENSOR_COUNT(ErrorCode.HEADER_MALFORMED, "number of tensors out of range"),
  /// More metadata than the rest of the file could hold, or a negative number.
  BAD_KEY_COUNT(ErrorCode.HEADER_MALFORMED, "number of metadata keys out of range"),
  /// The file ends inside the header.
  HEADER_TRUNCATED(ErrorCode.FILE_TRUNCATED, "header cut off"),
  /// A string that is longer than the rest of the file, or than 1 GiB.
  STRING_TOO_LONG(ErrorCode.HEADER_MALFORMED, "string length out of range"),
  /// An array that is longer than the rest of the file, or than 1 GiB.
  ARRAY_TOO_LONG(ErrorCode.HEADER_MALFORMED, "array length out of range"),
  /// A metadata key or a tensor name that is no strict UTF-8.
  INVALID_UTF8(ErrorCode.HEADER_MALFORMED, "name is not UTF-8"),
  /// A metadata value of a type that does not exist.
  UNKNOWN_VALUE_TYPE(ErrorCode.HEADER_MALFORMED, "unknown type of metadata value"),
  /// An array of arrays; ggml refuses them as well.
  NESTED_ARRAY(ErrorCode.HEADER_MALFORMED, "array of arrays"),
  /// A metadata key stands there twice.
  DUPLICATE_KEY(ErrorCode.HEADER_MALFORMED, "metadata key stands there twice"),
  /// `general.alignment` is no UINT32 that is a power of two.
  BAD_ALIGNMENT(ErrorCode.HEADER_MALFORMED, "general.alignment malformed"),
  /// A tensor name of 64 bytes or more.
  NAME_TOO_LONG(ErrorCode.HEADER_MALFORMED, "tensor name too long"),
  /// A tensor name stands there twice, perhaps in two parts of a split file.
  DUPLICATE_NAME(ErrorCode.HEADER_MALFORMED, "tensor name stands there twice"),
  /// More than four dimensions.
  BAD_DIMENSION_COUNT(ErrorCode.HEADER_MALFORMED, "number of dimensions out of range"),
  /// A dimension below zero.
  NEGATIVE_DIMENSION(ErrorCode.HEADER_MALFORMED, "negative dimension"),
  /// A product of dimensions beyond 63 bits.
  TOO_MANY_ELEMENTS(ErrorCode.HEADER_MALFORMED, "number of elements beyond 63 bits"),
  /// A tensor type without a meaning, or one that ggml has withdrawn.
  UNKNOWN_TENSOR_TYPE(ErrorCode.REFUSED_FORMAT, "unknown tensor type"),
  /// Rows that are no whole number of blocks.
  PARTIAL_BLOCK(ErrorCode.HEADER_MALFORMED, "row is not whole blocks"),
  /// A tensor whose size in bytes is beyond 63 bits.
  TENSOR_TOO_LARGE(ErrorCode.HEADER_MALFORMED, "tensor size beyond 63 bits"),
  /// Tensors whose sizes together are beyond 63 bits.
  DATA_TOO_LARGE(ErrorCode.HEADER_MALFORMED, "data size beyond 63 bits"),
  /// A tensor that does not follow the one before it: hole, overlap or another alignment.
  BAD_OFFSET(ErrorCode.HEADER_MALFORMED, "offset does not follow the tensor before"),
  /// The file ends inside the data.
  DATA_TRUNCATED(ErrorCode.FILE_TRUNCATED, "file cut off"),
  /// Data is asked of a file that holds a header only.
  NO_DATA(ErrorCode.FILE_TRUNCATED, "file holds a header without data"),
  /// Name, `split.no`, `split.count` and `split.tensors.count` do not fit together.
  BAD_SPLIT(ErrorCode.HEADER_MALFORMED, "parts do not fit together"),
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
      case BAD_MAGIC ->
          "Check that it is no Git LFS pointer or web page under that name; fetch it again.";
      case BAD_VERSION -> "Make the file again with a converter that writes version 3.";
      case HEADER_TRUNCATED, DATA_TRUNCATED -> "Fetch it again.";
      case NO_DATA -> "Use the file with the weights; this one only describes them.";
      case UNKNOWN_TENSOR_TYPE -> "Make the file again with a type that `marlin formats` lists.";
      case BAD_SPLIT, DUPLICATE_NAME -> "Fetch all parts again from one and the same revision.";
      case CHANGED -> "Start again once nothing else writes the file.";
      default -> "The file is damaged or was written by a faulty tool; fetch it again.";
    };
  }
}
