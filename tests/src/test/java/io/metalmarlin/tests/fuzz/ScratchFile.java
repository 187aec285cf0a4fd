package io.metalmarlin.tests.fuzz;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/// A folder that lives as long as one input.
final class ScratchFile implements AutoCloseable {
  private final Path folder;

  ScratchFile() throws IOException {
    folder = Files.createTempDirectory("marlin-fuzz");
  }

  Path folder() {
    return folder;
  }

  Path write(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  @Override
  public void close() throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path f, IOException e) throws IOException {
            Files.delete(f);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
