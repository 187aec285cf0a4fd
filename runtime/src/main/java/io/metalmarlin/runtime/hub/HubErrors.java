package io.metalmarlin.runtime.hub;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What an answer that is no success means, in words.
final class HubErrors {
  private static final String ERROR_CODE = "X-Error-Code";

  /// The hub has no code for this.
  private static final String DISABLED = "Access to this resource is disabled";

  /// `RateLimit: "resolvers";r=0;t=55`: nothing left for 55 seconds.
  private static final Pattern SECONDS_LEFT = Pattern.compile(";\\s*t\\s*=\\s*(\\d{1,9})");

  private HubErrors() {}

  /// The error of a status.
  ///
  /// @param ours the hub itself answered; a store behind it forgets addresses after a while, and
  ///   the hub then gives a new one
  /// @return a [TransientFailure] for what may pass
  /// @throws MarlinException for what will not
  static IOException of(
      RepositoryName name, URI at, boolean ours, HttpResponse<?> response, HubSettings settings) {
    int status = response.statusCode();
    String says = says(at, response);
    if (!ours || status == 408 || status == 425 || status == 429 || status / 100 == 5) {
      return new TransientFailure(says, pause(status, response.headers()));
    }
    String code = response.headers().firstValue(ERROR_CODE).orElse("");
    boolean signed = settings.token().isPresent();
    if (status == 451 || status == 403 && says.contains(DISABLED)) {
      throw new MarlinException(
          ErrorCode.ACCESS_DENIED,
          name.id(),
          "the hub gives it to nobody: " + says,
          "Choose another model, or ask its owner.");
    }
    if (code.equals("GatedRepo") || status == 403) {
      throw gated(name, settings, says, signed);
    }
    if (status == 401 && signed) {
      throw new MarlinException(
          ErrorCode.ACCESS_DENIED,
          name.id(),
          "the hub does not accept the access token, or it does not show this model to it: " + says,
          "Check HF_TOKEN and the model's name.");
    }
    if (status == 404 && code.equals("RevisionNotFound")) {
      throw new MarlinException(
          ErrorCode.REPOSITORY_MISSING,
          name.id(),
          "has no revision " + name.revision() + " on " + plain(settings.endpoint()),
          "Give a branch, a tag or a full commit behind the @.");
    }
    if (status == 404 && code.equals("EntryNotFound")) {
      throw new MarlinException(
          ErrorCode.REPOSITORY_MISSING,
          name.id(),
          "a file that the hub lists is not there: " + says,
          "Try again later, or another revision.");
    }
    if (status == 404 || status == 401) {
      throw new MarlinException(
          ErrorCode.REPOSITORY_MISSING,
          name.id(),
          "is neither a file or folder here nor a model on "
              + plain(settings.endpoint())
              + (signed ? "" : ", or it is private and no access token was sent"),
          signed ? "Check the name." : "Check the name; for a private model set HF_TOKEN.");
    }
    throw new MarlinException(
        ErrorCode.NETWORK_FAILED, name.id(), "cannot be fetched: " + says, "Check HF_ENDPOINT.");
  }

  private static MarlinException gated(
      RepositoryName name, HubSettings settings, String says, boolean signed) {
    return new MarlinException(
        ErrorCode.ACCESS_DENIED,
        name.id(),
        (signed
                ? "the account of the access token may not read it"
                : "is given only to those who asked, and no access token was sent")
            + ": "
            + says,
        "Ask for access at "
            + plain(settings.endpoint())
            + "/"
            + name.id()
            + (signed ? "." : ", and set HF_TOKEN to a token of that account."));
  }

  /// An address without its query, which may hold a signature.
  static String plain(URI at) {
    return at.getScheme()
        + "://"
        + at.getHost()
        + (at.getPort() < 0 ? "" : ":" + at.getPort())
        + at.getRawPath();
  }

  private static String says(URI at, HttpResponse<?> response) {
    Optional<String> why = response.headers().firstValue("X-Error-Message");
    return plain(at)
        + " answers "
        + response.statusCode()
        + why.map(w -> " (" + w.replaceAll("[^\\x20-\\x7e]", "?") + ")").orElse("");
  }

  /// How long the server asks to wait: `Retry-After`, else for a spent quota until there is a new
  /// one.
  private static Optional<Duration> pause(int status, HttpHeaders headers) {
    Optional<Duration> asked = retryAfter(headers);
    if (asked.isPresent() || status != 429) {
      return asked;
    }
    Matcher left = SECONDS_LEFT.matcher(headers.firstValue("RateLimit").orElse(""));
    return left.find()
        ? Optional.of(Duration.ofSeconds(Long.parseLong(left.group(1)) + 1))
        : Optional.empty();
  }

  /// Seconds or a date.
  private static Optional<Duration> retryAfter(HttpHeaders headers) {
    Optional<String> value = headers.firstValue("Retry-After").map(String::strip);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    OptionalLong seconds = Answer.number(value.get());
    if (seconds.isPresent()) {
      return Optional.of(Duration.ofSeconds(seconds.getAsLong()));
    }
    try {
      ZonedDateTime date = ZonedDateTime.parse(value.get(), DateTimeFormatter.RFC_1123_DATE_TIME);
      Duration left = Duration.between(ZonedDateTime.now(date.getZone()), date);
      return Optional.of(left.isNegative() ? Duration.ZERO : left);
    } catch (DateTimeParseException e) {
      // Neither form: our own pause is as good as any.
      return Optional.empty();
    }
  }
}
