package io.metalmarlin.tests.house;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The files of this repository, for tests that read them as text.
///
/// Inside a git work tree these are the files git would commit (tracked, and new ones it does not
/// ignore); in an unpacked source archive, everything below the root but build folders.
final class Repository {
  static final Path ROOT = root();

  private Repository() {}

  /// Paths relative to [#ROOT], sorted.
  static List<Path> files() {
    return Files.exists(ROOT.resolve(".git")) ? listedByGit() : walked();
  }

  /// The files with one of these endings.
  static List<Path> files(String... endings) {
    return files().stream()
        .filter(f -> Stream.of(endings).anyMatch(e -> f.toString().endsWith(e)))
        .toList();
  }

  /// Java files of the product: `MODULE/src/main/java`.
  static List<Path> mainJava() {
    return files(".java").stream().filter(f -> f.toString().contains("/src/main/java/")).toList();
  }

  static String text(Path file) {
    try {
      return Files.readString(ROOT.resolve(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + " as UTF-8", e);
    }
  }

  static List<String> lines(Path file) {
    return text(file).lines().toList();
  }

  private static List<Path> listedByGit() {
    try {
      Process git =
          new ProcessBuilder("git", "ls-files", "-z", "-co", "--exclude-standard")
              .directory(ROOT.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      byte[] out = git.getInputStream().readAllBytes();
      if (git.waitFor() != 0) {
        throw new IllegalStateException("git ls-files ended with " + git.exitValue());
      }
      return Stream.of(new String(out, StandardCharsets.UTF_8).split("\0"))
          .map(Path::of)
          .filter(f -> Files.isRegularFile(ROOT.resolve(f)))
          .sorted()
          .toList();
    } catch (IOException e) {
      return walked();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static List<Path> walked() {
    try (Stream<Path> all = Files.walk(ROOT)) {
      return all.filter(Files::isRegularFile)
          .map(ROOT::relativize)
          .filter(f -> Stream.of("target", ".git").noneMatch(skip -> contains(f, skip)))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean contains(Path file, String part) {
    for (Path p : file) {
      if (p.toString().equals(part)) {
        return true;
      }
    }
    return false;
  }

  private static Path root() {
    for (Path a = Path.of("").toAbsolutePath(); a != null; a = a.getParent()) {
      if (Files.exists(a.resolve("pom.xml")) && Files.isDirectory(a.resolve("formats"))) {
        return a;
      }
    }
    throw new IllegalStateException("run the tests inside the repository");
  }
}
