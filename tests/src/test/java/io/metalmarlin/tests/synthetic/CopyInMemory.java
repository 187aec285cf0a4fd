package io.metalmarlin.tests.synthetic;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// `CopyInMemory FOLDER`: what a tool does that loads a whole checkpoint. Run under the memory
/// limit of the big test it must die, which shows that the limit means something; the product then
/// runs under the same limit.
public final class CopyInMemory {
  private CopyInMemory() {}

  public static void main(String[] args) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(args[0]))) {
      List<Path> shards =
          files.filter(f -> f.toString().endsWith(".safetensors")).sorted().toList();
      long bytes = 0;
      for (Path shard : shards) {
        try (FileChannel in = FileChannel.open(shard)) {
          MemorySegment mapped =
              in.map(FileChannel.MapMode.READ_ONLY, 0, in.size(), Arena.global());
          Arena.global().allocate(in.size()).copyFrom(mapped);
          bytes += in.size();
        }
      }
      System.out.println("copied " + bytes + " bytes into memory");
    }
  }
}
