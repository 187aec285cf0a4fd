package io.metalmarlin.formats.container.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.formats.testing.Shared;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What was read is written again: the peers' files are the oracle.
class RewriteTest {
  @TempDir Path folder;

  static List<Path> packs() {
    List<Path> found = new ArrayList<>();
    for (String place : List.of("packs/gguf", "models/stories260K")) {
      try (Stream<Path> files = Files.walk(Shared.path(place))) {
        files.filter(f -> f.toString().endsWith(".gguf")).sorted().forEach(found::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return found;
  }

  private static void copy(GgufCheckpoint from, CheckpointWriter to, Iterable<String> names) {
    for (String name : names) {
      MemorySegment bytes = from.bytes(name);
      long half = bytes.byteSize() / 2;
      to.write(name, half, bytes.asSlice(half));
      to.write(name, 0, bytes.asSlice(0, half));
    }
  }

  @ParameterizedTest
  @MethodSource("packs")
  void a_peers_file_is_written_again_byte_for_byte(Path theirs) throws IOException {
    Path ours = folder.resolve("again.gguf");
    try (GgufCheckpoint c = Gguf.INSTANCE.open(theirs)) {
      List<TensorInfo> tensors = List.copyOf(c.tensors().values());
      try (CheckpointWriter w =
          Gguf.INSTANCE.create(ours, tensors, c.typedMetadata(), Long.MAX_VALUE)) {
        copy(c, w, c.tensors().reversed().keySet());
        w.commit();
      }
    }
    assertThat(Files.mismatch(theirs, ours)).isEqualTo(-1);
  }

  @Test
  void a_file_half_written_is_continued() throws IOException {
    Path theirs = packs().getFirst();
    Path ours = folder.resolve("again.gguf");
    try (GgufCheckpoint c = Gguf.INSTANCE.open(theirs)) {
      List<TensorInfo> tensors = List.copyOf(c.tensors().values());
      List<String> names = List.copyOf(c.tensors().keySet());
      int half = names.size() / 2;
      for (List<String> part : List.of(names.subList(0, half), names.subList(half, names.size()))) {
        try (CheckpointWriter w =
            Gguf.INSTANCE.create(ours, tensors, c.typedMetadata(), Long.MAX_VALUE)) {
          copy(c, w, part);
          w.sync();
        }
      }
    }
    assertThat(Files.mismatch(theirs, ours)).isEqualTo(-1);
  }

  @Test
  void a_split_model_reads_as_the_whole_one_from_any_part_and_from_its_folder() throws IOException {
    Path theirs = Shared.path("packs/gguf/Q4_0/model.gguf");
    try (GgufCheckpoint c = Gguf.INSTANCE.open(theirs)) {
      List<TensorInfo> tensors = List.copyOf(c.tensors().values());
      try (CheckpointWriter w =
          Gguf.INSTANCE.create(folder.resolve("m.gguf"), tensors, c.typedMetadata(), 200_000)) {
        copy(c, w, c.tensors().keySet());
        w.commit();
      }
      List<Path> parts = Parts.list(folder);
      assertThat(parts).hasSizeGreaterThan(2);
      assertThat(parts.getFirst()).hasFileName("m-00001-of-%05d.gguf".formatted(parts.size()));
      List<Path> places = new ArrayList<>(parts);
      places.add(folder);
      for (Path place : places) {
        try (GgufCheckpoint split = Gguf.INSTANCE.open(place)) {
          assertThat(split.files()).isEqualTo(parts);
          assertThat(split.typedMetadata().values()).isEqualTo(c.typedMetadata().values());
          assertThat(split.tensors()).isEqualTo(c.tensors());
          for (String name : c.tensors().keySet()) {
            assertThat(split.bytes(name).mismatch(c.bytes(name))).as(name).isEqualTo(-1);
          }
        }
      }
    }
  }
}
