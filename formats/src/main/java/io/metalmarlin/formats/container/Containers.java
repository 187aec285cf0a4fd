package io.metalmarlin.formats.container;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.gguf.Gguf;
import io.metalmarlin.formats.container.safetensors.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The file kinds this version reads and writes. A new container is one line here.
public final class Containers {
  public static final List<Container> ALL = List.of(Safetensors.INSTANCE, Gguf.INSTANCE);

  /// Formats that may run code when they are opened; never read.
  private static final List<String> PICKLES =
      List.of(".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle");

  private Containers() {}

  /// Opens the checkpoint in a model folder, or a single file.
  ///
  /// @throws MarlinException `FILE_MISSING` when nothing is there, `REFUSED_FORMAT` for pickle
  ///   files and unknown kinds, and whatever the container says
  public static Checkpoint open(Path path) {
    return of(path).open(path);
  }

  /// The container that accepts the path; throws as [#open] does when there is none.
  public static Container of(Path path) {
    if (!Files.exists(path)) {
      throw new MarlinException(
          ErrorCode.FILE_MISSING,
          path.toString(),
          "there is no such file or folder",
          "Check the path.");
    }
    return ALL.stream().filter(c -> c.accepts(path)).findFirst().orElseThrow(() -> refused(path));
  }

  private static MarlinException refused(Path path) {
    Optional<String> pickle = pickle(path);
    if (pickle.isPresent()) {
      return new MarlinException(
          ErrorCode.REFUSED_FORMAT,
          path.toString(),
          pickle.get()
              + " is a pickle, which can run code when it is opened, and no safetensors file"
              + " lies beside it",
          "Use a revision of the model that has safetensors files.");
    }
    if (Files.isDirectory(path)) {
      return new MarlinException(
          ErrorCode.FILE_MISSING,
          path.toString(),
          "the folder holds neither model.safetensors nor model.safetensors.index.json, and no"
              + " .gguf file",
          "Point to the folder of a Hugging Face checkpoint.");
    }
    return new MarlinException(
        ErrorCode.REFUSED_FORMAT,
        path.toString(),
        "is not a kind of checkpoint this version reads (safetensors, GGUF)",
        "Point to a .safetensors or .gguf file, or to the folder of a Hugging Face checkpoint.");
  }

  private static Optional<String> pickle(Path path) {
    try (Stream<Path> files = Files.isDirectory(path) ? Files.list(path) : Stream.of(path)) {
      return files
          .map(f -> f.getFileName().toString())
          .filter(n -> PICKLES.stream().anyMatch(n::endsWith))
          .sorted()
          .findFirst();
    } catch (IOException e) {
      throw new MarlinException(
          ErrorCode.FILE_UNREADABLE,
          path.toString(),
          "cannot be listed: " + e.getMessage(),
          "Check the folder's permissions.",
          e);
    }
  }
}
