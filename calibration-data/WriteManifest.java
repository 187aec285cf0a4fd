import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/// Writes `manifest.json` for the embedded files. Run it after adding or changing one, from the
/// repository's root, with JDK 25: `java calibration-data/WriteManifest.java`.
///
/// Source and licence come from the table below; a file that it does not cover stops the program.
/// `EmbeddedFilesTest` checks the result.
public final class WriteManifest {
  private static final Path ROOT =
      Path.of("calibration-data/src/main/resources/io/metalmarlin/calibration");

  private record Origin(String prefix, String source, String licence) {}

  private static final List<Origin> ORIGINS =
      List.of(
          new Origin(
              "demo/",
              "Qwen3 architecture, 6.8 million parameters, trained by the Metal Marlin project",
              "Apache-2.0"),
          new Origin(
              "text/",
              "passages of nineteenth-century novels and pages of the Rust standard library"
                  + " documentation; each line names its source and licence",
              "public domain; MIT OR Apache-2.0"));

  public static void main(String[] arguments) throws Exception {
    List<Path> files;
    try (Stream<Path> all = Files.walk(ROOT)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    Path manifest = ROOT.resolve("manifest.json");
    StringBuilder entries = new StringBuilder();
    for (Path file : files) {
      if (!file.equals(manifest)) {
        entries.append(entries.isEmpty() ? "" : ",\n").append(entry(file));
      }
    }
    Files.writeString(manifest, "{\n  \"files\": [\n" + entries + "\n  ]\n}\n");
  }

  private static String entry(Path file) throws IOException, NoSuchAlgorithmException {
    String name = ROOT.relativize(file).toString().replace('\\', '/');
    Origin origin =
        ORIGINS.stream()
            .filter(o -> name.startsWith(o.prefix))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("no source and licence for " + name));
    byte[] content = Files.readAllBytes(file);
    String sum = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    return """
        {
          "file": "%s",
          "bytes": %d,
          "sha256": "%s",
          "source": "%s",
          "licence": "%s"
        }"""
        .formatted(name, content.length, sum, origin.source, origin.licence)
        .indent(4)
        .stripTrailing();
  }
}
