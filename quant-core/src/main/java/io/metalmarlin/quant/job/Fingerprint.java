package io.metalmarlin.quant.job;

import io.metalmarlin.quant.plan.Plan;
import io.metalmarlin.quant.plan.RecipeSettings;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;

/// Everything that decides a job's bytes, as named fields; two runs with equal fields may share
/// work.
///
/// @param fields in a fixed order
public record Fingerprint(SequencedMap<String, String> fields) {
  /// Settings that name files, whose content decides.
  private static final Set<String> FILES = Set.of("dataset", "imatrix");

  /// The fingerprint of a plan.
  public static Fingerprint of(Plan plan, String version) {
    SequencedMap<String, String> f = new LinkedHashMap<>();
    f.put("marlin version", version);
    plan.source().files().forEach(file -> f.put("source " + file.name(), file.sha256()));
    RecipeSettings.of(plan.recipe())
        .forEach((key, value) -> {
          if (!FILES.contains(key)) {
            f.put("--" + key.replace('_', '-'), text(value));
          }
        });
    f.put("calibration text", plan.calibration().map(c -> c.sha256()).orElse(""));
    f.put("--imatrix", plan.importance().map(i -> i.file().sha256()).orElse(""));
    return new Fingerprint(f);
  }

  private static String text(Object value) {
    return value instanceof List<?> l
        ? l.stream().map(Object::toString).collect(Collectors.joining(","))
        : value.toString();
  }

  /// Sixteen hexadecimal digits that name a job's folder.
  public String id() {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      fields.forEach((k, v) -> sha.update((k + "=" + v + "\n").getBytes(StandardCharsets.UTF_8)));
      return HexFormat.of().formatHex(sha.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The first field in which the other fingerprint differs, with both values.
  public Optional<String> difference(Map<String, String> other) {
    for (Map.Entry<String, String> e : fields.entrySet()) {
      String theirs = other.getOrDefault(e.getKey(), "");
      if (!theirs.equals(e.getValue())) {
        return Optional.of(
            "%s was \"%s\", is now \"%s\"".formatted(e.getKey(), theirs, e.getValue()));
      }
    }
    return other.keySet().stream()
        .filter(k -> !fields.containsKey(k))
        .findFirst()
        .map(k -> k + " is gone");
  }
}
