package io.metalmarlin.formats.container.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.testing.Shared;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The files of llama.cpp's own `test-gguf`: what it refuses is refused for its reason, what it
/// accepts is accepted.
class HandcraftedTest {
  private static final Map<String, Fault> REASONS =
      Map.ofEntries(
          Map.entry("HEADER_BAD_MAGIC", Fault.BAD_MAGIC),
          Map.entry("HEADER_BAD_VERSION_0", Fault.BAD_VERSION),
          Map.entry("HEADER_BAD_VERSION_1", Fault.BAD_VERSION),
          Map.entry("HEADER_BAD_VERSION_FUTURE", Fault.BAD_VERSION),
          Map.entry("HEADER_BAD_N_TENSORS", Fault.BAD_TENSOR_COUNT),
          Map.entry("HEADER_BAD_N_KV", Fault.BAD_KEY_COUNT),
          Map.entry("KV_BAD_KEY_SIZE", Fault.STRING_TOO_LONG),
          Map.entry("KV_BAD_TYPE", Fault.UNKNOWN_VALUE_TYPE),
          Map.entry("KV_DUPLICATE_KEY", Fault.DUPLICATE_KEY),
          Map.entry("KV_BAD_ALIGN", Fault.BAD_ALIGNMENT),
          Map.entry("TENSORS_BAD_NAME_SIZE", Fault.NAME_TOO_LONG),
          Map.entry("TENSORS_BAD_N_DIMS", Fault.BAD_DIMENSION_COUNT),
          Map.entry("TENSORS_BAD_SHAPE", Fault.NEGATIVE_DIMENSION),
          Map.entry("TENSORS_NE_TOO_BIG", Fault.TOO_MANY_ELEMENTS),
          Map.entry("TENSORS_NBYTES_TOO_BIG", Fault.TENSOR_TOO_LARGE),
          Map.entry("TENSORS_BAD_TYPE", Fault.UNKNOWN_TENSOR_TYPE),
          Map.entry("TENSORS_BAD_OFFSET", Fault.BAD_OFFSET),
          Map.entry("TENSORS_DUPLICATE_NAME", Fault.DUPLICATE_NAME),
          Map.entry("TENSORS_BAD_ALIGN", Fault.BAD_ALIGNMENT),
          Map.entry("TENSORS_INCONSISTENT_ALIGN", Fault.BAD_OFFSET),
          Map.entry("DATA_NOT_ENOUGH_DATA", Fault.DATA_TRUNCATED),
          Map.entry("DATA_BAD_ALIGN", Fault.BAD_ALIGNMENT),
          Map.entry("DATA_INCONSISTENT_ALIGN", Fault.BAD_OFFSET),
          Map.entry("DATA_MEM_SIZE_OVERFLOW", Fault.DATA_TOO_LARGE));

  static List<Path> files(String prefix) {
    try (Stream<Path> files = Files.list(Shared.path("golden", "gguf-handcrafted"))) {
      return files.filter(f -> f.getFileName().toString().startsWith(prefix)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<Path> bad() {
    return files("bad_");
  }

  static List<Path> ok() {
    return files("ok_");
  }

  private static String kind(Path file) {
    return file.getFileName().toString().replaceAll("^(bad|ok)_|_s\\d+\\.gguf$", "");
  }

  @ParameterizedTest
  @MethodSource("bad")
  void a_bad_file_is_refused_for_its_reason(Path file) {
    GgufException e =
        catchThrowableOfType(GgufException.class, () -> Containers.open(file).close());
    assertThat(e).as(file.toString()).isNotNull();
    assertThat(e.fault()).as(e.getMessage()).isEqualTo(REASONS.get(kind(file)));
    assertThat(e.code().exitCode()).isEqualTo(5);
    assertThat(e.offset()).isBetween(0L, file.toFile().length());
  }

  @ParameterizedTest
  @MethodSource("ok")
  void a_sound_file_is_accepted_and_its_data_read(Path file) {
    try (GgufCheckpoint c = Gguf.INSTANCE.open(file)) {
      assertThat(c.tensors())
          .hasSize(
              file.toString().contains("_KV_") || file.toString().contains("_HEADER_") ? 0 : 78);
      // ggml writes the files named TENSORS without data.
      assertThat(c.hasData()).isEqualTo(!kind(file).startsWith("TENSORS"));
      if (c.hasData()) {
        long read =
            c.tensors().keySet().stream().map(c::bytes).mapToLong(MemorySegment::byteSize).sum();
        assertThat(read).isLessThanOrEqualTo(file.toFile().length());
      }
    }
  }

  @Test
  void the_data_of_a_header_alone_is_refused() {
    try (Checkpoint c =
        Containers.open(Shared.path("golden", "gguf-handcrafted", "ok_TENSORS_SUCCESS_s1.gguf"))) {
      GgufException e = catchThrowableOfType(GgufException.class, () -> c.bytes("my_tensor_0"));
      assertThat(e.fault()).isEqualTo(Fault.NO_DATA);
    }
  }
}
