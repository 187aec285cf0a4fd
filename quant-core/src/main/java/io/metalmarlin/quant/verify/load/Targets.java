package io.metalmarlin.quant.verify.load;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.quant.verify.TargetRules;
import io.metalmarlin.quant.verify.TargetRules.Known;
import io.metalmarlin.quant.verify.Version;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Finds the rules of a program and version by what a user writes.
public final class Targets {
  private static final Version NONE = Version.of("0");

  private Targets() {}

  /// The rules for what a user wrote: `vllm`, or `vllm@0.33` for a version.
  ///
  /// @throws MarlinException `BAD_FLAG` for an unknown target, for a version that is no number, and
  ///   for one whose rules are not known; it names those that are
  public static TargetRules named(String text) {
    int at = text.indexOf('@');
    String name = at < 0 ? text : text.substring(0, at);
    List<Known> known = TargetRules.ALL.stream().filter(r -> r.target().equals(name)).toList();
    if (known.isEmpty()) {
      throw refused(
          text,
          "is no program whose rules are known",
          "Use one of " + String.join(", ", TargetRules.targets()) + ".");
    }
    Known last = known.getLast();
    if (at < 0) {
      return new TargetRules(name, last.newest(), last.rules());
    }
    String versions = versions(last);
    if (last.newest().equals(NONE)) {
      throw refused(
          text,
          "names a version; the rules of %s are known for one state only".formatted(name),
          "Leave the @ and what follows out.");
    }
    Version version =
        Version.parse(text.substring(at + 1))
            .orElseThrow(() ->
                refused(
                    text,
                    "has no version after the @",
                    "Write it as numbers; known are " + versions + "."));
    if (version.compareTo(last.oldest()) < 0 || version.release().compareTo(last.newest()) > 0) {
      throw refused(
          text,
          "is a version whose rules are not known",
          "Known are " + versions + "; without a version the newest counts.");
    }
    Known then = known.stream().filter(r -> r.since().compareTo(version) <= 0).toList().getLast();
    return new TargetRules(name, version, then.rules());
  }

  /// The known versions in words, with those at which anything changes.
  private static String versions(Known k) {
    if (k.oldest().equals(k.newest())) {
      return "%s %s".formatted(k.target(), k.newest());
    }
    Set<Version> changes = new TreeSet<>();
    TargetRules.ALL.stream()
        .filter(o -> o.target().equals(k.target()))
        .map(Known::since)
        .forEach(changes::add);
    Loadings.ALL.stream()
        .filter(l -> l.target().equals(k.target()))
        .map(Loading::since)
        .forEach(changes::add);
    changes.removeIf(v -> v.compareTo(k.oldest()) <= 0);
    return "%s %s to %s%s"
        .formatted(
            k.target(),
            k.oldest(),
            k.newest(),
            changes.isEmpty()
                ? ""
                : " (rules change at "
                    + changes.stream().map(Version::toString).collect(Collectors.joining(", "))
                    + ")");
  }

  private static MarlinException refused(String text, String what, String hint) {
    return new MarlinException(ErrorCode.BAD_FLAG, "--target " + text, what, hint);
  }
}
