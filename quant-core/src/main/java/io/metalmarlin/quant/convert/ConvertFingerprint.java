package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.FileDigest;
import io.metalmarlin.formats.container.InputFailure;
import io.metalmarlin.formats.importance.ImportanceFile;
import io.metalmarlin.quant.job.Fingerprint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/// What two runs must have in common to share work. Source files count by size, time and the digest
/// of their first mebibyte (the header), so that a resume need not read all of them.
final class ConvertFingerprint {
  private static final int HEAD = 1 << 20;

  private ConvertFingerprint() {}

  static Fingerprint of(ConvertPlan plan, String version) {
    ConvertRequest r = plan.request();
    SequencedMap<String, String> f = new LinkedHashMap<>();
    f.put("marlin version", version);
    f.put("batches", StepOrder.NAME);
    for (Path file : plan.source().checkpoint().files()) {
      f.put("source " + file.getFileName(), identity(plan.source().checkpoint(), file));
    }
    f.put("--to", r.to().name());
    f.put("--dequantize", Boolean.toString(r.dequantize()));
    f.put("--dtype", r.dtype().map(Enum::name).orElse(""));
    f.put("--scheme", r.scheme().orElse(""));
    f.put(
        "--group-size", r.groupSize().isEmpty() ? "" : Integer.toString(r.groupSize().getAsInt()));
    f.put("--allow-lossy", Boolean.toString(r.allowLossy()));
    f.put("--imatrix", r.importance().map(ImportanceFile::sha256).orElse(""));
    return new Fingerprint(f);
  }

  private static String identity(Checkpoint checkpoint, Path file) {
    Optional<FileDigest> known = checkpoint.digest(file);
    if (known.isPresent()) {
      return "%d bytes, sha256 %s".formatted(known.get().bytes(), known.get().sha256());
    }
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer head = ByteBuffer.allocate((int) Math.min(HEAD, channel.size()));
      while (head.hasRemaining() && channel.read(head) >= 0) {
        // reads may be short
      }
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(head.flip());
      return "%d bytes, %s, head %s"
          .formatted(
              channel.size(),
              Files.getLastModifiedTime(file),
              HexFormat.of().formatHex(sha.digest(), 0, 8));
    } catch (IOException e) {
      throw InputFailure.of(file, e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
