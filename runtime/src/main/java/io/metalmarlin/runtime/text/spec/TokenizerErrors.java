package io.metalmarlin.runtime.text.spec;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/// The ways reading one tokenizer file fails, with the file named in each.
public record TokenizerErrors(Path file) {
  /// No file is there.
  public MarlinException missing() {
    return new MarlinException(
        ErrorCode.FILE_MISSING,
        file.toString(),
        "the model folder has no " + file.getFileName(),
        "Copy tokenizer.json from the model's repository into the folder.");
  }

  /// The file is there and cannot be read.
  public MarlinException unreadable(IOException cause) {
    return new MarlinException(
        ErrorCode.FILE_UNREADABLE,
        file.toString(),
        "cannot be read: " + cause,
        "Check the file's permissions.",
        cause);
  }

  /// The file contradicts itself or its format.
  public MarlinException malformed(String message) {
    return malformed(message, null);
  }

  /// As [#malformed(String)], with the exception that noticed it.
  public MarlinException malformed(String message, @Nullable Throwable cause) {
    return new MarlinException(
        ErrorCode.TOKENIZER_MALFORMED,
        file.toString(),
        message,
        "Fetch " + file.getFileName() + " again from the model's repository.",
        cause);
  }

  /// The file is in order, but asks for something that would have to be guessed at.
  public MarlinException unsupported(String what) {
    return new MarlinException(
        ErrorCode.TOKENIZER_MALFORMED,
        file.toString(),
        what + " is not supported",
        "Ids would be wrong without a word; use the tokenizer.json that the model's publisher ships, "
            + "or see docs/tokenizers.md for what is read.");
  }

  /// A kind of part that is in no list.
  public MarlinException unknownKind(String part, String type, Collection<String> known) {
    return new MarlinException(
        ErrorCode.TOKENIZER_MALFORMED,
        file.toString(),
        part + " type \"" + type + "\" is not supported",
        "Known are " + String.join(", ", known) + "; use a model with one of these.");
  }
}
