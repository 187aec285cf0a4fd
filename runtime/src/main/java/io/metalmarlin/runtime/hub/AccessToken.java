package io.metalmarlin.runtime.hub;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Who the user is to the hub. Its text leaves this class in one header only.
public final class AccessToken {
  private final String secret;

  private AccessToken(String secret) {
    this.secret = secret;
  }

  /// `HF_TOKEN`, else the file `HF_TOKEN_PATH`, else `token` in the hub library's folder.
  ///
  /// @param home the hub library's folder (`HF_HOME`)
  /// @throws MarlinException `ACCESS_DENIED` for a token that no header can carry, and for a token
  ///   file that cannot be read
  static Optional<AccessToken> of(Environment environment, Path home) {
    if (environment.flag("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
      return Optional.empty();
    }
    for (String variable : new String[] {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}) {
      Optional<String> text = environment.text(variable);
      if (text.isPresent()) {
        return Optional.of(checked(variable, text.get()));
      }
    }
    Path file = environment.folder("HF_TOKEN_PATH").orElse(home.resolve("token"));
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      String text = Files.readString(file).strip();
      return text.isEmpty() ? Optional.empty() : Optional.of(checked(file.toString(), text));
    } catch (IOException e) {
      // The reason may quote the file's bytes; its class is enough.
      throw bad(file.toString(), "cannot be read: " + e.getClass().getSimpleName());
    }
  }

  String header() {
    return "Bearer " + secret;
  }

  @Override
  public String toString() {
    return "(hidden)";
  }

  private static AccessToken checked(String where, String text) {
    if (!text.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
      throw bad(where, "holds characters that no access token has");
    }
    return new AccessToken(text);
  }

  private static MarlinException bad(String where, String message) {
    return new MarlinException(
        ErrorCode.ACCESS_DENIED, where, message, "Store the token again, alone on one line.");
  }
}
