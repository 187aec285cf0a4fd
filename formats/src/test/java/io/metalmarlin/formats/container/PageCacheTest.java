package io.metalmarlin.formats.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageCacheTest {
  private static final int SIZE = 4 << 20;

  /// Whose pages are those of a disk that can be read again.
  private static final Set<String> ON_DISK = Set.of("ext4", "xfs");

  @TempDir Path folder;

  @Test
  void whatTheDiskHasIsGivenBackUpToTheEndAndReadAgain() throws IOException {
    assumeThat(ON_DISK).contains(Files.getFileStore(folder).type());
    byte[] bytes = new byte[SIZE];
    new Random(1).nextBytes(bytes);
    Path file = folder.resolve("file");
    Files.write(file, bytes);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    assertThat(loaded(file, 0)).isTrue();
    PageCache.leave(file, SIZE / 2);
    assertThat(loaded(file, 0)).isFalse();
    assertThat(loaded(file, SIZE / 2)).isTrue();
    assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
  }

  @Test
  void aFileThatIsNotThereIsNoError() {
    PageCache.leave(folder.resolve("none"), SIZE);
  }

  private static boolean loaded(Path file, long from) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, from, SIZE / 2).isLoaded();
    }
  }
}
