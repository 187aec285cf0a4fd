package io.metalmarlin.formats.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableTest {
  @TempDir Path folder;

  @Test
  void replaces_a_file_whole_and_leaves_nothing_beside_it() {
    Path file = folder.resolve("x.json");
    Durable.write(file, new byte[] {1});
    Durable.write(file, new byte[] {2, 3});
    assertThat(file).hasBinaryContent(new byte[] {2, 3});
    assertThat(folder.toFile().list()).containsExactly("x.json");
  }

  @Test
  void a_missing_folder_is_an_output_that_cannot_be_written() {
    assertThatThrownBy(() -> Durable.write(folder.resolve("no/x"), new byte[1]))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.OUTPUT_UNWRITABLE));
  }

  @Test
  void the_systems_words_for_a_full_disk_are_understood() {
    for (String words : new String[] {"No space left on device", "x: Disk quota exceeded"}) {
      assertThat(OutputFailure.of(folder, new IOException(words)).code())
          .isEqualTo(ErrorCode.DISK_FULL);
    }
    assertThat(OutputFailure.of(folder, new AccessDeniedException("x")))
        .hasMessageContaining("permission denied");
    assertThat(OutputFailure.of(folder, new ClosedByInterruptException()))
        .hasMessageContaining("interrupted");
    assertThat(OutputFailure.of(folder, new IOException()).code())
        .isEqualTo(ErrorCode.OUTPUT_UNWRITABLE);
  }
}
