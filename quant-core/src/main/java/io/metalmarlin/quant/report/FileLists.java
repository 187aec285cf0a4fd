package io.metalmarlin.quant.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the manifest says about the files that went in and came out.
///
/// @param calibration sha256 of the calibration tokens
public record FileLists(List<Listed> source, List<Listed> output, Optional<String> calibration) {
  /// @param digest with its kind, `sha256 12ab...`
  public record Listed(String file, long bytes, String digest) {}

  static FileLists of(Part manifest) {
    return new FileLists(
        listed(manifest, "source"),
        listed(manifest, "output"),
        manifest.optionalText("calibration_sha256"));
  }

  private static List<Listed> listed(Part manifest, String key) {
    List<Listed> all = new ArrayList<>();
    for (Part f : manifest.list(key)) {
      String digest =
          f.optionalText("sha256")
              .map(d -> "sha256 " + d)
              .or(() -> f.optionalText("crc32c").map(d -> "crc32c " + d))
              .orElse("");
      all.add(new Listed(f.text("file"), f.count("bytes"), digest));
    }
    return all;
  }
}
