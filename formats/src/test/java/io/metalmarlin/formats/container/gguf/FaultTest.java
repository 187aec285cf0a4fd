package io.metalmarlin.formats.container.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// One lie each, beyond those of the handcrafted files.
class FaultTest {
  @TempDir Path folder;

  private Path file(RawGguf g) throws IOException {
    return Files.write(folder.resolve("m.gguf"), g.bytes());
  }

  private GgufException refused(RawGguf g) throws IOException {
    Path file = file(g);
    GgufException e = catchThrowableOfType(GgufException.class, () -> Containers.open(file));
    assertThat(e).isNotNull();
    assertThat(e.where()).isEqualTo(file.toString());
    return e;
  }

  @Test
  void NESTED_ARRAY() throws IOException {
    GgufException e = refused(RawGguf.header(0, 1).string("k").u32(9).u32(9).u64(0).u64(0));
    assertThat(e.fault()).isEqualTo(Fault.NESTED_ARRAY);
    assertThat(e.subject()).isEqualTo("k");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1L << 31, 1L << 32, 1L << 62, 1L << 63, 9})
  void ARRAY_TOO_LONG(long count) throws IOException {
    RawGguf g = RawGguf.header(0, 1).string("k").u32(9).u32(10).u64(count).raw(new byte[64]);
    GgufException e = refused(g);
    assertThat(e.fault()).isEqualTo(Fault.ARRAY_TOO_LONG);
    assertThat(e.actual()).isEqualTo(Long.toUnsignedString(count));
  }

  @ParameterizedTest
  @ValueSource(longs = {0x7fffffffL, 1L << 32, 1L << 61, Long.MAX_VALUE})
  void counts_beyond_the_rest_of_the_file(long count) throws IOException {
    assertThat(refused(RawGguf.header(count, 0).pad(32)).fault()).isEqualTo(Fault.BAD_TENSOR_COUNT);
    assertThat(refused(RawGguf.header(0, count).pad(32)).fault()).isEqualTo(Fault.BAD_KEY_COUNT);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 3, 0x80000001L, 0xffffffffL})
  void BAD_ALIGNMENT(long alignment) throws IOException {
    RawGguf g = RawGguf.header(0, 1).string("general.alignment").u32(4).u32(alignment).pad(32);
    assertThat(refused(g).fault()).isEqualTo(Fault.BAD_ALIGNMENT);
  }

  @Test
  void an_alignment_of_another_type_is_none() throws IOException {
    RawGguf g = RawGguf.header(0, 1).string("general.alignment").u32(10).u64(32).pad(32);
    assertThat(refused(g).fault()).isEqualTo(Fault.BAD_ALIGNMENT);
  }

  @Test
  void an_alignment_of_2_31_does_not_wrap() throws IOException {
    RawGguf g =
        RawGguf.header(1, 1)
            .string("general.alignment")
            .u32(4)
            .u32(0x80000000L)
            .tensor("t", 0, 0, 1)
            .pad(32)
            .raw(new byte[64]);
    assertThat(refused(g).fault()).isEqualTo(Fault.DATA_TRUNCATED);
  }

  @Test
  void INVALID_UTF8_in_a_key_and_in_a_tensor_name() throws IOException {
    RawGguf key = RawGguf.header(0, 1).u64(2).raw((byte) 0xc3, (byte) 0x28).u32(0).raw((byte) 1);
    assertThat(refused(key.pad(32)).fault()).isEqualTo(Fault.INVALID_UTF8);
    RawGguf name = RawGguf.header(1, 0).u64(1).raw((byte) 0xff).u32(1).u64(1).u32(0).u64(0);
    assertThat(refused(name.pad(64)).fault()).isEqualTo(Fault.INVALID_UTF8);
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5, 31, 32, 33, 36, 37, 38, 43, -1})
  void a_withdrawn_type_is_refused(int type) throws IOException {
    GgufException e = refused(RawGguf.header(1, 0).tensor("t", type, 0, 32).pad(64));
    assertThat(e.fault()).isEqualTo(Fault.UNKNOWN_TENSOR_TYPE);
    assertThat(e.code()).isEqualTo(ErrorCode.REFUSED_FORMAT);
  }

  @Test
  void PARTIAL_BLOCK() throws IOException {
    // 32 elements in all, but rows of 16.
    GgufException e = refused(RawGguf.header(1, 0).tensor("t", 2, 0, 16, 2).pad(128));
    assertThat(e.fault()).isEqualTo(Fault.PARTIAL_BLOCK);
  }

  @Test
  void an_early_zero_does_not_hide_an_overflow_nor_does_a_late_one_excuse_it() throws IOException {
    long big = 1L << 62;
    RawGguf late = RawGguf.header(1, 0).tensor("t", 24, 0, 0, big, 4).pad(64);
    assertThat(refused(late).fault()).isEqualTo(Fault.TOO_MANY_ELEMENTS);
  }

  @Test
  void a_tensor_cut_off_is_named() throws IOException {
    RawGguf g =
        RawGguf.header(2, 0).tensor("a", 0, 0, 8).tensor("b", 0, 32, 8).pad(32).raw(new byte[40]);
    GgufException e = refused(g);
    assertThat(e.fault()).isEqualTo(Fault.DATA_TRUNCATED);
    assertThat(e.subject()).isEqualTo("b");
  }

  @Test
  void strings_that_are_no_text_are_carried_and_refused_where_text_is_asked_for()
      throws IOException {
    RawGguf g =
        RawGguf.header(0, 2)
            .string("k")
            .u32(8)
            .u64(1)
            .raw((byte) 0xff)
            .string("a")
            .u32(9)
            .u32(8)
            .u64(2)
            .string("x")
            .u64(1)
            .raw((byte) 0xfe);
    Path file = file(g.pad(32));
    try (GgufCheckpoint c = Gguf.INSTANCE.open(file)) {
      for (String key : List.of("k", "a")) {
        assertThatThrownBy(
                () -> {
                  c.typedMetadata().text(key);
                  c.typedMetadata().texts(key);
                })
            .isInstanceOf(MarlinException.class)
            .hasMessageContaining(key)
            .hasMessageContaining("UTF-8");
      }
      Path again = folder.resolve("again.gguf");
      try (CheckpointWriter w =
          Gguf.INSTANCE.create(again, List.of(), c.typedMetadata(), Long.MAX_VALUE)) {
        w.commit();
      }
      assertThat(Files.mismatch(file, again)).isEqualTo(-1);
    }
  }

  @Test
  void a_replacement_character_is_text() throws IOException {
    Path file = file(RawGguf.header(0, 1).text("k", "a\uFFFDb").pad(32));
    try (GgufCheckpoint c = Gguf.INSTANCE.open(file)) {
      assertThat(c.typedMetadata().text("k")).contains("a\uFFFDb");
    }
  }

  @Test
  void a_changed_file_is_noticed() throws IOException {
    RawGguf g = RawGguf.header(1, 0).tensor("t", 0, 0, 8).pad(32).raw(new byte[32]);
    Path file = file(g);
    try (GgufCheckpoint c = Gguf.INSTANCE.open(file)) {
      Files.write(file, new byte[10]);
      GgufException e = catchThrowableOfType(GgufException.class, () -> c.bytes("t"));
      assertThat(e.fault()).isEqualTo(Fault.CHANGED);
    }
  }

  @Test
  void parts_that_do_not_fit_together() throws IOException {
    TensorInfo a = TensorInfo.of("a", DType.F32, 8);
    TensorInfo b = TensorInfo.of("b", DType.F32, 8);
    GgufMetadata none = new GgufMetadata("test", new LinkedHashMap<>());
    try (CheckpointWriter w =
        Gguf.INSTANCE.create(folder.resolve("m.gguf"), List.of(a, b), none, 32)) {
      w.commit();
    }
    Path first = folder.resolve("m-00001-of-00002.gguf");
    Path second = folder.resolve("m-00002-of-00002.gguf");
    Gguf.INSTANCE.open(second).close();

    byte[] sound = Files.readAllBytes(second);
    Files.copy(first, second, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThat(catchThrowableOfType(GgufException.class, () -> Gguf.INSTANCE.open(first)).fault())
        .isEqualTo(Fault.BAD_SPLIT);

    Files.write(second, RawGguf.header(0, 0).pad(32).bytes());
    assertThat(catchThrowableOfType(GgufException.class, () -> Gguf.INSTANCE.open(folder)).fault())
        .isEqualTo(Fault.BAD_SPLIT);

    Files.delete(second);
    assertThatThrownBy(() -> Gguf.INSTANCE.open(folder))
        .isInstanceOfSatisfying(
            MarlinException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_MISSING));

    Path renamed = Files.write(folder.resolve("other.gguf"), sound);
    assertThat(catchThrowableOfType(GgufException.class, () -> Gguf.INSTANCE.open(renamed)).fault())
        .isEqualTo(Fault.BAD_SPLIT);
  }

  @Test
  void a_folder_with_several_models_names_them() throws IOException {
    for (String name : List.of("a.gguf", "b.gguf")) {
      Files.write(folder.resolve(name), RawGguf.header(0, 0).pad(32).bytes());
    }
    assertThatThrownBy(() -> Containers.open(folder))
        .isInstanceOf(MarlinException.class)
        .hasMessageContaining("a.gguf, b.gguf");
  }

  @Test
  void what_no_file_can_hold_is_not_planned() {
    for (TensorInfo t :
        List.of(
            TensorInfo.of("t", DType.F8_E4M3, 8),
            TensorInfo.of("t", DType.Q4_0, 2, 16),
            TensorInfo.of("t", DType.F32, 1, 1, 1, 1, 1),
            TensorInfo.of("t".repeat(64), DType.F32, 1))) {
      assertThatThrownBy(() -> Gguf.INSTANCE.create(folder, List.of(t), Map.of(), 100))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(folder).isEmptyDirectory();
  }
}
