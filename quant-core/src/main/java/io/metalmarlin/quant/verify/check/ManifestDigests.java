package io.metalmarlin.quant.verify.check;

import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.quant.plan.SourceCheck.SourceFile;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.StoredFiles;
import io.metalmarlin.quant.verify.Subject;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/// Where the folder has our manifest, every file it lists is there with its size and sha256.
public final class ManifestDigests implements Check {
  private static final String FILE = "marlin-manifest.json";
  private static final long MAX_BYTES = 256L << 20;
  private static final String REMEDY =
      "Fetch the file again; if it was changed on purpose, delete the manifest.";

  @Override
  public String code() {
    return "manifest";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    Path manifest = subject.folder().resolve(FILE);
    if (!Files.exists(manifest)) {
      return;
    }
    JsonNode output = JsonFiles.readObject(manifest, MAX_BYTES).path("output");
    if (!output.isArray()) {
      findings.error(FILE, "has no list \"output\"", "Make the pack again.");
      return;
    }
    for (JsonNode entry : output) {
      String name = entry.path("file").asString("");
      if (!StoredFiles.isPlain(name)) {
        findings.error(FILE, "lists " + entry.path("file") + ", no plain file name", REMEDY);
      } else {
        compare(subject.folder().resolve(name), entry, findings);
      }
    }
  }

  private static void compare(Path file, JsonNode entry, Findings findings) {
    String name = file.getFileName().toString();
    if (!Files.isRegularFile(file)) {
      findings.error(name, "is listed by " + FILE + " and missing", REMEDY);
      return;
    }
    SourceFile found = SourceFile.read(file);
    long bytes = entry.path("bytes").asLong(-1);
    String sha = entry.path("sha256").asString("");
    if (found.bytes() != bytes) {
      findings.error(
          name, "has %,d bytes, the manifest says %,d".formatted(found.bytes(), bytes), REMEDY);
    } else if (!found.sha256().equals(sha)) {
      findings.error(
          name, "has sha256 %s, the manifest says %s".formatted(found.sha256(), sha), REMEDY);
    }
  }
}
