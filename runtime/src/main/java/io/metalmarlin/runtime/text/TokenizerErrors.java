package io.metalmarlin.runtime.text;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The ways reading one `tokenizer.json` fails, with the file named in each.
record TokenizerErrors(Path file) {
  MarlinException missing() {
    return new MarlinException(
        ErrorCode.FILE_MISSING,
        file.toString(),
        "the model folder has no tokenizer.json",
        "Copy tokenizer.json from the model's repository into the folder.");
  }

  MarlinException unreadable(IOException cause) {
    return new MarlinException(
        ErrorCode.FILE_UNREADABLE,
        file.toString(),
        "cannot be read: " + cause,
        "Check the file's permissions.",
        cause);
  }

  MarlinException malformed(String message) {
    return malformed(message, null);
  }

  MarlinException malformed(String message, @Nullable Throwable cause) {
    return new MarlinException(
        ErrorCode.TOKENIZER_MALFORMED,
        file.toString(),
        message,
        "Fetch tokenizer.json again from the model's repository.",
        cause);
  }

  /// The file is in order, but asks for something that would have to be guessed at.
  MarlinException unsupported(String what) {
    return new MarlinException(
        ErrorCode.TOKENIZER_MALFORMED,
        file.toString(),
        what + " is not supported",
        "marlin reads byte-level BPE tokenizers (the Qwen, Llama 3, GPT-2 families); "
            + "use a model with one.");
  }
}
