package io.metalmarlin.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextFilesTest {
  @TempDir private Path folder;

  private static MarlinException failure(Path file) {
    return Assertions.catchThrowableOfType(MarlinException.class, () -> TextFiles.read(file));
  }

  @Test
  void aTextIsOneDocumentByteForByte() throws IOException {
    String text = "\ufeffline\r\n\r\n{\"text\": 1}\n\ud83d\ude00 \u0000";
    Path file = Files.writeString(folder.resolve("a.raw"), text);
    assertThat(TextFiles.read(file)).containsExactly(text);
  }

  @Test
  void jsonLinesAreOneDocumentEach() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("a.JSONL"),
            "{\"text\": \"one\\ntwo\", \"source\": [1]}\r\n"
                + "\n  \n{\"text\": \"\"}\n{\"text\":\"3\"}");
    assertThat(TextFiles.read(file)).containsExactly("one\ntwo", "", "3");
  }

  @Test
  void aFileThatIsNotUtf8IsRefusedWithTheOffset() throws IOException {
    Path file = Files.write(folder.resolve("a.txt"), new byte[] {'a', 'b', (byte) 0xE9, 'c'});
    MarlinException e = failure(file);
    assertThat(e.code()).isEqualTo(ErrorCode.FILE_UNREADABLE);
    assertThat(e.where()).isEqualTo(file.toString());
    assertThat(e).hasMessage("not UTF-8: byte 0xe9 at offset 2 of 4");
  }

  @Test
  void aTextThatEndsInsideACharacterIsRefused() throws IOException {
    Path file = Files.write(folder.resolve("a.txt"), new byte[] {'a', (byte) 0xE2, (byte) 0x82});
    assertThat(failure(file)).hasMessageContaining("offset 1 of 3");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"content\":1, \"id\": 2} | line 2 has no string field \"text\" but the fields [content",
        "{\"text\": 7} | line 2 has no string field",
        "[1] | line 2 has no string field \"text\" but a JSON array",
        "{\"text\": \"x | line 2 is no JSON",
        "plain | line 2 is no JSON"
      })
  void aLineWithoutTextIsRefusedWithItsNumber(String line, String message) throws IOException {
    Path file = Files.writeString(folder.resolve("a.jsonl"), "{\"text\":\"x\"}\n" + line + "\n");
    MarlinException e = failure(file);
    assertThat(e.code()).isEqualTo(ErrorCode.FILE_UNREADABLE);
    assertThat(e).hasMessageContaining(message);
  }

  @Test
  void aMissingFileAndAFolderAreNamed() {
    Path missing = folder.resolve("none.txt");
    assertThat(failure(missing).code()).isEqualTo(ErrorCode.FILE_MISSING);
    assertThat(failure(missing).where()).isEqualTo(missing.toString());
    assertThat(failure(folder).code()).isEqualTo(ErrorCode.FILE_UNREADABLE);
  }
}
