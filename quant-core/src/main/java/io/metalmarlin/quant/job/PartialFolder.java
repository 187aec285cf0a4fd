package io.metalmarlin.quant.job;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Durable;
import io.metalmarlin.formats.container.OutputFailure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// The folder of an unfinished job, `<output>.partial-<id>` beside the output: the output being
/// filled (`model/`), the fingerprint (`job.json`), the journal and the scratch file. Held by a
/// file lock.
///
/// Publishing renames `model/` to the output's name, so an output folder either exists whole or
/// not.
public final class PartialFolder implements AutoCloseable {
  /// What only the folder of an unfinished run holds.
  public static final String JOURNAL = "journal.jsonl";

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String FINGERPRINT = "job.json";

  private final Path folder;
  private final FileChannel lockFile;

  private PartialFolder(Path folder, FileChannel lockFile) {
    this.folder = folder;
    this.lockFile = lockFile;
  }

  /// Opens the folder of this fingerprint, creating it if there is none.
  ///
  /// @throws MarlinException `FINGERPRINT_CONFLICT` if another job's state for the same output is
  ///   found, `JOB_LOCKED` if the job runs already, `OUTPUT_UNWRITABLE`
  public static PartialFolder open(Path output, Fingerprint fingerprint, boolean restart) {
    Path folder = output.resolveSibling(output.getFileName() + ".partial-" + fingerprint.id());
    try {
      for (Path other : unfinished(output)) {
        if (restart) {
          lock(other).close();
          delete(other);
        } else if (!other.equals(folder)) {
          refuse(other, fingerprint);
        }
      }
      Files.createDirectories(folder.resolve("model"));
      PartialFolder opened = lock(folder);
      Files.writeString(folder.resolve(FINGERPRINT), JSON.writeValueAsString(fingerprint.fields()));
      return opened;
    } catch (IOException e) {
      throw OutputFailure.of(folder, e);
    }
  }

  /// Every reason why a job must not write `output`: it exists, or it is or holds the source.
  ///
  /// @param source folder or file that is read
  public static List<MarlinException> refusals(Path output, Path source, boolean overwrite) {
    List<MarlinException> all = new ArrayList<>();
    if (Files.exists(output) && !overwrite) {
      all.add(
          new MarlinException(
              ErrorCode.OUTPUT_EXISTS,
              output.toString(),
              "the output folder exists",
              "Give --overwrite to replace it when the new one is complete, or another folder with -o."));
    }
    Path out = output.toAbsolutePath().normalize();
    if (source.toAbsolutePath().normalize().startsWith(out)) {
      all.add(
          new MarlinException(
              ErrorCode.OUTPUT_EXISTS,
              output.toString(),
              "the output would replace or contain the source " + source,
              "Choose another output folder with -o."));
    }
    return all;
  }

  /// The folders of unfinished runs for an output, empty when there are none.
  ///
  /// @throws MarlinException `FILE_UNREADABLE` if the folder around the output cannot be listed
  public static List<Path> unfinishedOf(Path output) {
    try {
      return unfinished(output);
    } catch (IOException e) {
      throw new MarlinException(
          ErrorCode.FILE_UNREADABLE,
          output.toString(),
          "the folder around it cannot be listed: " + e,
          "Check its permissions.",
          e);
    }
  }

  /// Deletes the folders of unfinished runs for an output.
  static void discard(Path output) {
    try {
      for (Path folder : unfinished(output)) {
        lock(folder).close();
        delete(folder);
      }
    } catch (IOException e) {
      throw OutputFailure.of(output, e);
    }
  }

  /// The unfinished jobs for an output.
  static List<Path> unfinished(Path output) throws IOException {
    List<Path> found = new ArrayList<>();
    Path parent = output.toAbsolutePath().getParent();
    if (!Files.isDirectory(parent)) {
      return found;
    }
    String prefix = output.getFileName() + ".partial-";
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(parent, p -> p.getFileName().toString().startsWith(prefix))) {
      all.forEach(p -> found.add(output.resolveSibling(p.getFileName())));
    }
    found.sort(Comparator.naturalOrder());
    return found;
  }

  private static void refuse(Path other, Fingerprint fingerprint) throws IOException {
    Map<String, String> theirs;
    try {
      theirs =
          JSON.readValue(Files.readString(other.resolve(FINGERPRINT)), new TypeReference<>() {});
    } catch (JacksonException | java.nio.file.NoSuchFileException e) {
      theirs = Map.of();
    }
    Optional<String> difference = fingerprint.difference(theirs);
    throw new MarlinException(
        ErrorCode.FINGERPRINT_CONFLICT,
        other.toString(),
        "an unfinished run with other settings is here: "
            + difference.orElse("its record is unreadable"),
        "Give the settings of that run to go on with it, or --restart to throw it away.");
  }

  private static PartialFolder lock(Path folder) throws IOException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return new PartialFolder(folder, channel);
      }
    } catch (OverlappingFileLockException sameProcess) {
      channel.close();
      throw locked(folder);
    }
    channel.close();
    throw locked(folder);
  }

  private static MarlinException locked(Path folder) {
    return new MarlinException(
        ErrorCode.JOB_LOCKED,
        folder.toString(),
        "another marlin process works on this output",
        "Wait for it to end, or choose another output folder with -o.");
  }

  /// A failed job leaves nothing behind unless finished stages can be resumed from.
  ///
  /// @param entries what its journal holds
  public <T> void discardIfWorthless(Class<T> entries, MarlinException failure) {
    try (Journal<T> journal = Journal.open(journal(), entries)) {
      if (journal.stages() > 0 && !isUseless(failure)) {
        return;
      }
    } catch (MarlinException unreadable) {
      failure.addSuppressed(unreadable);
    }
    discard();
  }

  /// Whether the same job would fail at the same place again: numbers of its source are damaged,
  /// and with others it is another job, in whose way the folder would stand.
  private static boolean isUseless(MarlinException failure) {
    return failure.code() == ErrorCode.NON_FINITE;
  }

  /// The folder itself.
  public Path path() {
    return folder;
  }

  /// The output being filled.
  public Path model() {
    return folder.resolve("model");
  }

  /// The journal's file.
  public Path journal() {
    return folder.resolve(JOURNAL);
  }

  /// Where scratch files go: the folder itself.
  public Path scratch() {
    return folder;
  }

  /// Gives the finished output its name; an existing folder of that name is replaced.
  public void publish(Path output) {
    try {
      Path old = folder.resolve("replaced");
      if (Files.exists(output)) {
        Files.move(output, old, StandardCopyOption.ATOMIC_MOVE);
      }
      Files.move(model(), output, StandardCopyOption.ATOMIC_MOVE);
      Durable.syncFolder(output.toAbsolutePath().getParent());
      close();
      delete(folder);
    } catch (IOException e) {
      throw OutputFailure.of(output, e);
    }
  }

  /// Throws the job's state away.
  public void discard() {
    close();
    try {
      delete(folder);
    } catch (IOException e) {
      throw OutputFailure.of(folder, e);
    }
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(p);
      }
    }
  }

  @Override
  public void close() {
    try {
      lockFile.close();
    } catch (IOException e) {
      throw OutputFailure.of(folder, e);
    }
  }
}
