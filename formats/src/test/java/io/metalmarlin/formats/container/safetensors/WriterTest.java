package io.metalmarlin.formats.container.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.formats.testing.Shared;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WriterTest {
  private static final Map<String, String> PT = Map.of("format", "pt");
  private static final List<TensorInfo> THREE =
      List.of(
          TensorInfo.of("c", DType.U8, 3),
          TensorInfo.of("a", DType.F32, 2),
          TensorInfo.of("b", DType.BF16, 4));

  @TempDir Path folder;

  private CheckpointWriter create(List<TensorInfo> tensors, long maxShardBytes) {
    return Safetensors.INSTANCE.create(folder, tensors, PT, maxShardBytes);
  }

  private static MemorySegment bytes(int... values) {
    byte[] b = new byte[values.length];
    for (int i = 0; i < b.length; i++) {
      b[i] = (byte) values[i];
    }
    return MemorySegment.ofArray(b);
  }

  /// Files the reference library wrote (with at most one metadata key) come out the same again,
  /// whatever order tensors and bytes are given in.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "packs/base/qwen3-2l/model.safetensors",
        "packs/ct/NVFP4/model.safetensors",
        "packs/ct/NVFP4A16-2l/model.safetensors",
        "packs/ct/W4A16_ASYM/model.safetensors",
        "packs/modelopt/NVFP4/model.safetensors",
        "packs/autoround/gptq-w4g128/model.safetensors",
        "packs/ct/NVFP4/expected.safetensors",
      })
  void bytes_equal_those_of_the_reference_writer(String path) throws IOException {
    Path theirs = Shared.path(path);
    try (Checkpoint c = Containers.open(theirs)) {
      List<TensorInfo> tensors = new ArrayList<>(c.tensors().values());
      Collections.shuffle(tensors, new Random(3));
      try (CheckpointWriter w =
          Safetensors.INSTANCE.create(folder, tensors, c.metadata(), Long.MAX_VALUE)) {
        Collections.shuffle(tensors, new Random(4));
        for (TensorInfo t : tensors) {
          MemorySegment data = c.bytes(t.name());
          long half = data.byteSize() / 2;
          w.write(t.name(), half, data.asSlice(half));
          w.write(t.name(), 0, data.asSlice(0, half));
        }
        w.commit();
      }
    }
    assertThat(Files.mismatch(folder.resolve("model.safetensors"), theirs)).isEqualTo(-1);
  }

  @Test
  void the_header_of_the_documented_example() {
    byte[] header =
        HeaderWriter.bytes(
            List.of(TensorInfo.of("z", DType.I64, 1), TensorInfo.of("q\"\u00e4\n", DType.F4, 2, 2)),
            PT);
    String json = new String(header, StandardCharsets.UTF_8);
    assertThat(json.stripTrailing())
        .isEqualTo(
            "{\"__metadata__\":{\"format\":\"pt\"},\"z\":{\"dtype\":\"I64\",\"shape\":[1],"
                + "\"data_offsets\":[0,8]},\"q\\\"\u00e4\\n\":{\"dtype\":\"F4\",\"shape\":[2,2],"
                + "\"data_offsets\":[8,10]}}");
    assertThat(header.length % 8).isZero();
    assertThat(HeaderWriter.bytes(List.of(), Map.of())).isEqualTo("{}      ".getBytes());
  }

  @Test
  void shards_follow_the_given_order_and_a_large_tensor_has_its_own() {
    List<TensorInfo> tensors =
        List.of(
            TensorInfo.of("a", DType.U8, 4), TensorInfo.of("b", DType.U8, 4),
            TensorInfo.of("huge", DType.U8, 50), TensorInfo.of("c", DType.U8, 9));
    try (CheckpointWriter w = create(tensors, 10)) {
      w.write("huge", 49, bytes(7));
      w.commit();
    }
    assertThat(folder.toFile().list())
        .containsExactlyInAnyOrder(
            "model-00001-of-00003.safetensors",
            "model-00002-of-00003.safetensors",
            "model-00003-of-00003.safetensors",
            "model.safetensors.index.json");
    try (Checkpoint c = Containers.open(folder)) {
      assertThat(c.tensors().keySet()).containsExactly("a", "b", "huge", "c");
      assertThat(c.file("huge")).hasFileName("model-00002-of-00003.safetensors");
      assertThat(c.bytes("huge").get(ValueLayout.JAVA_BYTE, 49)).isEqualTo((byte) 7);
      assertThat(c.metadata()).isEqualTo(PT);
      assertThat(c.files()).hasSize(3);
    }
    assertThat(
            JsonFiles.readObject(folder.resolve("model.safetensors.index.json"), 9999)
                .path("metadata")
                .path("total_size")
                .asLong())
        .isEqualTo(67);
  }

  @Test
  void a_half_written_checkpoint_opens_and_reads_zeros_where_nothing_stands() {
    try (CheckpointWriter w = create(THREE, 8)) {
      w.write("a", 4, bytes(1, 2, 3, 4));
      try (Checkpoint c = Containers.open(folder)) {
        assertThat(c.bytes("a").toArray(ValueLayout.JAVA_BYTE))
            .containsExactly(0, 0, 0, 0, 1, 2, 3, 4);
        assertThat(c.bytes("b").toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
      }
    }
  }

  @Test
  void opening_again_keeps_what_was_written() {
    try (CheckpointWriter w = create(THREE, 8)) {
      w.write("b", 0, bytes(1, 2, 3));
      w.sync();
    }
    try (CheckpointWriter w = create(THREE, 8)) {
      w.write("b", 3, bytes(4));
      w.commit();
    }
    try (Checkpoint c = Containers.open(folder)) {
      assertThat(c.bytes("b").toArray(ValueLayout.JAVA_BYTE))
          .containsExactly(1, 2, 3, 4, 0, 0, 0, 0);
    }
  }

  @Test
  void opening_again_after_the_file_was_cut_restores_its_size() throws IOException {
    create(THREE, 100).close();
    Path file = folder.resolve("model.safetensors");
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {0, 5, 20, whole.length - 1}) {
      Files.write(file, java.util.Arrays.copyOf(whole, length));
      create(THREE, 100).close();
      assertThat(file).hasBinaryContent(whole);
    }
  }

  @Test
  void another_layout_starts_afresh() {
    try (CheckpointWriter w = create(THREE, 100)) {
      w.write("c", 0, bytes(9, 9, 9));
    }
    List<TensorInfo> other = List.of(TensorInfo.of("c", DType.U8, 3));
    create(other, 100).close();
    try (Checkpoint c = Containers.open(folder)) {
      assertThat(c.tensors()).hasSize(1);
      assertThat(c.bytes("c").toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
    }
  }

  @Test
  void native_memory_and_arrays_of_any_type_are_written() {
    List<TensorInfo> two =
        List.of(TensorInfo.of("f", DType.F32, 2), TensorInfo.of("n", DType.U8, 2));
    try (Arena arena = Arena.ofConfined();
        CheckpointWriter w = create(two, 100)) {
      w.write("f", 0, MemorySegment.ofArray(new float[] {1f, -2f}));
      w.write("n", 0, arena.allocateFrom(ValueLayout.JAVA_BYTE, (byte) 5, (byte) 6));
    }
    try (Checkpoint c = Containers.open(folder)) {
      assertThat(c.bytes("f").toArray(ValueLayout.JAVA_FLOAT_UNALIGNED)).containsExactly(1f, -2f);
      assertThat(c.bytes("n").toArray(ValueLayout.JAVA_BYTE)).containsExactly(5, 6);
    }
  }

  @Test
  void a_write_outside_its_tensor_or_after_the_commit_is_a_bug() {
    try (CheckpointWriter w = create(THREE, 100)) {
      assertThatThrownBy(() -> w.write("c", 2, bytes(1, 2)))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> w.write("c", -1, bytes(1)))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> w.write("x", 0, bytes(1)))
          .isInstanceOf(IllegalArgumentException.class);
      w.commit();
      assertThatThrownBy(() -> w.write("c", 0, bytes(1))).isInstanceOf(IllegalStateException.class);
    }
    List<TensorInfo> twice = List.of(THREE.get(0), THREE.get(0));
    assertThatThrownBy(() -> create(twice, 100)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> create(twice, 1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void a_full_disk_says_so() throws IOException {
    Path full = Path.of("/dev/full");
    Assumptions.assumeTrue(Files.exists(full), "no device that is always full on this system");
    Files.createSymbolicLink(folder.resolve("model.safetensors"), full);
    assertThatThrownBy(() -> create(THREE, 100))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.DISK_FULL);
              assertThat(e.where()).endsWith("model.safetensors");
            });
  }

  @Test
  void a_folder_that_cannot_be_written_says_so() {
    Path gone = folder.resolve("gone");
    assertThatThrownBy(() -> Safetensors.INSTANCE.create(gone, THREE, PT, 100))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.OUTPUT_UNWRITABLE));
  }
}
