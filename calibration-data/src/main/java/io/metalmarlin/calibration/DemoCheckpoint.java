package io.metalmarlin.calibration;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.source.DemoProvider;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// `demo`: a Qwen3 model of 6.8 million parameters in bf16, unpacked from this jar.
///
/// The folder's name holds a sum over the manifest, so versions do not disturb each other. A copy
/// whose files have the right sums is used again; anything else is replaced. Files are written to a
/// temporary folder that is renamed at the end, under a file lock: two processes at once get one
/// complete copy.
public final class DemoCheckpoint implements DemoProvider {
  private static final String PREFIX = "demo-qwen3-7m-";
  private static final String TEMPORARY = "demo.partial-";
  private static final String LOCK = "demo.lock";
  private static final String JAR_FOLDER = "demo/";
  private static final int NAME_DIGITS = 12;

  @Override
  public String name() {
    return "demo";
  }

  /// @throws MarlinException `OUTPUT_UNWRITABLE` if `parent` cannot be created or written
  @Override
  public Path unpack(Path parent) {
    List<Manifest.Entry> files = Manifest.load().below(JAR_FOLDER);
    Path folder = parent.resolve(PREFIX + version(files));
    try {
      if (!complete(folder, files)) {
        Files.createDirectories(parent);
        unpackLocked(parent, folder, files);
      }
      return folder;
    } catch (IOException e) {
      throw new MarlinException(
          ErrorCode.OUTPUT_UNWRITABLE,
          parent.toString(),
          "the demo checkpoint cannot be unpacked here: " + e,
          "Free some space (16 MB), or set XDG_CACHE_HOME to a folder that can be written.",
          e);
    }
  }

  /// The monitor keeps the threads of this process apart, the file lock the processes.
  private static void unpackLocked(Path parent, Path folder, List<Manifest.Entry> files)
      throws IOException {
    synchronized (DemoCheckpoint.class) {
      try (FileChannel channel =
              FileChannel.open(
                  parent.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        if (!lock.isValid()) {
          throw new IOException("the lock on " + parent.resolve(LOCK) + " was lost");
        }
        if (!complete(folder, files)) {
          replace(parent, folder, files);
        }
      }
    }
  }

  private static void replace(Path parent, Path folder, List<Manifest.Entry> files)
      throws IOException {
    // What a killed process left behind; nobody else is at work while the lock is held.
    try (DirectoryStream<Path> left = Files.newDirectoryStream(parent, TEMPORARY + "*")) {
      for (Path old : left) {
        delete(old);
      }
    }
    Path temporary = Files.createTempDirectory(parent, TEMPORARY);
    for (Manifest.Entry file : files) {
      Files.write(temporary.resolve(fileName(file)), file.read());
    }
    if (Files.exists(folder)) {
      Path aside = parent.resolve(TEMPORARY + "old");
      Files.move(folder, aside, StandardCopyOption.ATOMIC_MOVE);
      delete(aside);
    }
    Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
  }

  private static boolean complete(Path folder, List<Manifest.Entry> files) throws IOException {
    for (Manifest.Entry entry : files) {
      Path file = folder.resolve(fileName(entry));
      if (!Files.isRegularFile(file)
          || Files.size(file) != entry.bytes()
          || !Sha256.of(file).equals(entry.sha256())) {
        return false;
      }
    }
    return true;
  }

  private static String version(List<Manifest.Entry> files) {
    return Sha256.of(files.toString().getBytes(StandardCharsets.UTF_8)).substring(0, NAME_DIGITS);
  }

  private static String fileName(Manifest.Entry file) {
    return file.file().substring(JAR_FOLDER.length());
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
