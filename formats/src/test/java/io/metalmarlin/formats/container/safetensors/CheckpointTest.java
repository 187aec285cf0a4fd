package io.metalmarlin.formats.container.safetensors;

import static io.metalmarlin.formats.container.safetensors.RawFile.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Folders, indexes and what may happen to a file while it is open.
class CheckpointTest {
  @TempDir Path folder;

  private Path shard(String name, String tensor) throws IOException {
    return Files.write(
        folder.resolve(name), RawFile.of("{" + entry(tensor, "U8", "[2]", 0, 2) + "}", 2));
  }

  private void index(String map) throws IOException {
    Files.writeString(
        folder.resolve("model.safetensors.index.json"), "{\"weight_map\":" + map + "}");
  }

  private void fails(ErrorCode code, String... words) {
    assertThatThrownBy(() -> Containers.open(folder).close())
        .isInstanceOfSatisfying(MarlinException.class, e -> assertThat(e.code()).isEqualTo(code))
        .satisfies(
            e -> assertThat(((MarlinException) e).where() + ": " + e.getMessage()).contains(words));
  }

  @Test
  void a_tensor_beyond_2_GiB_is_read_and_written_in_place() {
    long big = (1L << 31) + 4096;
    List<TensorInfo> tensors =
        List.of(TensorInfo.of("big", DType.U8, big), TensorInfo.of("z", DType.U8, 3));
    try (CheckpointWriter w =
        Safetensors.INSTANCE.create(folder, tensors, Map.of(), Long.MAX_VALUE)) {
      w.write("big", big - 2, MemorySegment.ofArray(new byte[] {1, 2}));
      w.write("z", 0, MemorySegment.ofArray(new byte[] {3, 4, 5}));
      w.commit();
    }
    try (Checkpoint c = Containers.open(folder)) {
      MemorySegment data = c.bytes("big");
      assertThat(data.byteSize()).isEqualTo(big);
      assertThat(data.get(ValueLayout.JAVA_BYTE, 0)).isZero();
      assertThat(data.get(ValueLayout.JAVA_BYTE, big - 2)).isEqualTo((byte) 1);
      assertThat(data.get(ValueLayout.JAVA_BYTE, big - 1)).isEqualTo((byte) 2);
      assertThat(c.bytes("z").toArray(ValueLayout.JAVA_BYTE)).containsExactly(3, 4, 5);
    }
  }

  @Test
  void a_closed_checkpoint_gives_no_bytes_and_may_be_closed_twice() throws IOException {
    shard("model.safetensors", "a");
    Checkpoint c = Containers.open(folder);
    MemorySegment bytes = c.bytes("a");
    c.close();
    c.close();
    assertThatThrownBy(() -> bytes.get(ValueLayout.JAVA_BYTE, 0))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void mapped_bytes_are_read_only() throws IOException {
    shard("model.safetensors", "a");
    try (Checkpoint c = Containers.open(folder)) {
      assertThat(c.bytes("a").isReadOnly()).isTrue();
    }
  }

  @Test
  void a_missing_tensor_is_named() throws IOException {
    shard("model.safetensors", "a");
    try (Checkpoint c = Containers.open(folder)) {
      assertThatThrownBy(() -> c.bytes("model.norm.weight"))
          .isInstanceOfSatisfying(
              MarlinException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TENSOR_MISSING))
          .hasMessageContaining("model.norm.weight");
    }
  }

  @Test
  void CHANGED_when_the_file_was_cut_rewritten_or_replaced() throws IOException {
    byte[] sound = RawFile.of("{" + entry("a", "U8", "[2]", 0, 2) + "}", 2);
    for (int how = 0; how < 3; how++) {
      Path file = Files.write(folder.resolve("x.safetensors"), sound);
      try (Checkpoint c = Containers.open(file)) {
        c.bytes("a");
        switch (how) {
          case 0 -> Files.write(file, new byte[10]);
          case 1 -> Files.setLastModifiedTime(file, FileTime.fromMillis(1));
          default -> {
            Files.delete(file);
            Files.write(folder.resolve("y"), sound);
            Files.move(folder.resolve("y"), file);
          }
        }
        assertThatThrownBy(() -> c.bytes("a"))
            .isInstanceOfSatisfying(
                SafetensorsException.class,
                e -> {
                  assertThat(e.fault()).isEqualTo(Fault.CHANGED);
                  assertThat(e.code()).isEqualTo(ErrorCode.FILE_UNREADABLE);
                });
      }
      Files.delete(file);
    }
  }

  @Test
  void a_missing_shard_is_named() throws IOException {
    shard("m-1.safetensors", "a");
    index("{\"a\":\"m-1.safetensors\",\"b\":\"m-2.safetensors\"}");
    fails(ErrorCode.FILE_MISSING, "m-2.safetensors", "2 shards");
  }

  @Test
  void a_weight_map_with_path_parts_is_refused() throws IOException {
    for (String name :
        new String[] {"../m.safetensors", "/etc/passwd", "a/b", "a\\\\b", "..", "", "C:x"}) {
      index("{\"a\":\"" + name + "\"}");
      fails(ErrorCode.CONFIG_MALFORMED, "weight_map", "plain file name");
    }
    index("{\"a\":3}");
    fails(ErrorCode.CONFIG_MALFORMED, "plain file name");
  }

  @Test
  void an_index_without_a_map_is_refused() throws IOException {
    for (String map : new String[] {"{}", "null", "[]", "3"}) {
      index(map);
      fails(ErrorCode.CONFIG_MALFORMED, "weight_map");
    }
  }

  @Test
  void a_shard_with_a_tensor_that_the_index_does_not_list_or_sends_elsewhere_is_refused()
      throws IOException {
    shard("m-1.safetensors", "a");
    shard("m-2.safetensors", "x");
    index("{\"a\":\"m-1.safetensors\",\"b\":\"m-2.safetensors\"}");
    fails(ErrorCode.CONFIG_MALFORMED, "m-2.safetensors", "\"x\"", "does not list");
    shard("m-2.safetensors", "a");
    fails(ErrorCode.CONFIG_MALFORMED, "\"a\"", "sends to m-1.safetensors");
  }

  @Test
  void an_index_that_lists_a_tensor_no_shard_holds_is_refused() throws IOException {
    shard("m-1.safetensors", "a");
    index("{\"a\":\"m-1.safetensors\",\"lost\":\"m-1.safetensors\"}");
    fails(ErrorCode.CONFIG_MALFORMED, "\"lost\"", "m-1.safetensors");
  }

  @Test
  void an_index_of_a_single_file_is_fine_and_two_models_in_one_folder_are_not() throws IOException {
    shard("model.safetensors", "a");
    index("{\"a\":\"model.safetensors\"}");
    Containers.open(folder).close();
    shard("m-1.safetensors", "b");
    index("{\"b\":\"m-1.safetensors\"}");
    fails(ErrorCode.CONFIG_MALFORMED, "model.safetensors");
  }

  @Test
  void a_pickle_without_safetensors_is_refused_by_name() throws IOException {
    Files.write(folder.resolve("pytorch_model.bin"), new byte[3]);
    fails(ErrorCode.REFUSED_FORMAT, "pytorch_model.bin", "pickle");
    shard("model.safetensors", "a");
    Containers.open(folder).close();
  }

  @Test
  void an_empty_folder_a_missing_path_and_an_unknown_file_say_what_they_are() throws IOException {
    fails(ErrorCode.FILE_MISSING, "model.safetensors");
    for (String name : new String[] {"none", "x.onnx", "x.pt"}) {
      Path file = folder.resolve(name);
      if (!name.equals("none")) {
        Files.write(file, new byte[1]);
      }
      assertThatThrownBy(() -> Containers.open(file))
          .isInstanceOfSatisfying(
              MarlinException.class,
              e ->
                  assertThat(e.code())
                      .isEqualTo(
                          name.equals("none") ? ErrorCode.FILE_MISSING : ErrorCode.REFUSED_FORMAT));
    }
  }
}
