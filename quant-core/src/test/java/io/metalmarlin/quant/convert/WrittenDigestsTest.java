package io.metalmarlin.quant.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.FileDigest;
import io.metalmarlin.formats.container.FilePlan;
import io.metalmarlin.formats.container.PlannedFiles;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.quant.plan.SourceCheck;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WrittenDigestsTest {
  private static final int SIZE = 3 << 20;

  @TempDir Path folder;

  /// Two files of two tensors, the second with a gap between them and one behind.
  private CheckpointWriter writer() {
    byte[] header = {1, 2, 3};
    List<TensorInfo> tensors =
        List.of("a", "b", "c", "d").stream()
            .map(name -> new TensorInfo(name, DType.U8, List.of((long) SIZE)))
            .toList();
    return new PlannedFiles(
        folder,
        List.of(
            new FilePlan("one", header, Map.of("a", 3L, "b", 3L + SIZE), 3L + 2 * SIZE),
            new FilePlan("two", header, Map.of("c", 8L, "d", 16L + SIZE), 20L + 2 * SIZE)),
        tensors);
  }

  private static MemorySegment bytes(int seed) {
    byte[] bytes = new byte[SIZE];
    new Random(seed).nextBytes(bytes);
    return MemorySegment.ofArray(bytes);
  }

  private static void assertDigests(CheckpointWriter writer, WrittenDigests digests) {
    assertThat(digests.join())
        .extracting(SourceCheck.SourceFile::sha256)
        .isEqualTo(writer.files().stream().map(f -> FileDigest.of(f).sha256()).toList());
  }

  @Test
  void followTheWriterInAnyOrder() {
    try (CheckpointWriter writer = writer();
        WrittenDigests digests = new WrittenDigests(writer, 2, new Cores(2))) {
      for (String tensor : List.of("d", "b", "a", "c")) {
        writer.write(tensor, 0, bytes(tensor.hashCode()));
        digests.advance();
      }
      assertThat(writer.settled(writer.files().get(0))).isEqualTo(3L + 2 * SIZE);
      assertThat(writer.settled(writer.files().get(1))).isEqualTo(20L + 2 * SIZE);
      assertDigests(writer, digests);
    }
  }

  /// What an earlier run wrote is not known to be final before the end.
  @Test
  void ofAResumedOutputAreOfAllOfIt() {
    try (CheckpointWriter earlier = writer()) {
      earlier.write("a", 0, bytes(1));
      earlier.write("c", 0, bytes(2));
    }
    try (CheckpointWriter writer = writer();
        WrittenDigests digests = new WrittenDigests(writer, 1, new Cores(1))) {
      writer.write("b", 0, bytes(3));
      writer.write("d", 0, bytes(4));
      digests.advance();
      assertThat(writer.settled(writer.files().get(0))).isEqualTo(3);
      assertDigests(writer, digests);
    }
  }

  @Test
  void areOfWhatWasWrittenLast() {
    try (CheckpointWriter writer = writer();
        WrittenDigests digests = new WrittenDigests(writer, 2, new Cores(2))) {
      for (int round = 0; round < 2; round++) {
        for (String tensor : List.of("a", "b", "c", "d")) {
          writer.write(tensor, 0, bytes(round));
          digests.advance();
        }
      }
      assertThat(writer.settled(writer.files().get(0))).isEqualTo(-1);
      assertDigests(writer, digests);
    }
  }
}
