package io.metalmarlin.formats.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonFilesTest {
  @TempDir Path folder;

  private void fails(ErrorCode code, Path file, long limit) {
    assertThatThrownBy(() -> JsonFiles.readObject(file, limit))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.where()).isEqualTo(file.toString());
              assertThat(e).hasMessageNotContaining("Source");
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "3",
        "null",
        "{",
        "{\"a\":1,\"a\":2}",
        "{} x",
        "{\"a\":NaN}",
        "{'a':1}",
        "\ufeff{}"
      })
  void what_is_no_sound_object_is_malformed(String text) throws IOException {
    fails(ErrorCode.CONFIG_MALFORMED, Files.writeString(folder.resolve("c.json"), text), 1000);
  }

  @Test
  void a_deep_document_is_malformed_and_overflows_nothing() throws IOException {
    String deep = "{\"a\":".repeat(100_000) + "1" + "}".repeat(100_000);
    fails(ErrorCode.CONFIG_MALFORMED, Files.writeString(folder.resolve("c.json"), deep), 1 << 20);
  }

  @Test
  void bytes_that_are_no_utf8_are_malformed() throws IOException {
    byte[] bytes = {'{', '"', (byte) 0xff, '"', ':', '1', '}'};
    fails(ErrorCode.CONFIG_MALFORMED, Files.write(folder.resolve("c.json"), bytes), 1000);
  }

  @Test
  void a_file_above_the_limit_is_not_read() throws IOException {
    fails(ErrorCode.CONFIG_MALFORMED, Files.writeString(folder.resolve("c.json"), "{}   "), 4);
  }

  @Test
  void a_missing_file_and_a_folder_say_so() {
    fails(ErrorCode.FILE_MISSING, folder.resolve("none.json"), 1000);
    fails(ErrorCode.FILE_UNREADABLE, folder, 1000);
  }
}
