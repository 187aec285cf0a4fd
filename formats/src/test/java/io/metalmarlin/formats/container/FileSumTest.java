package io.metalmarlin.formats.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSumTest {
  @TempDir Path folder;

  /// The check value of the sum's definition.
  @Test
  void is_the_crc_of_the_standard() throws IOException {
    Path file = folder.resolve("digits");
    Files.write(file, "123456789".getBytes(StandardCharsets.US_ASCII));
    assertThat(FileSum.of(file)).isEqualTo(new FileSum(9, "e3069283"));
  }

  /// 32 bytes of zeros have one in RFC 3720, B.4; here many of them over several reads.
  @Test
  void of_a_file_read_in_pieces_tells_one_changed_bit() throws IOException {
    Path file = folder.resolve("large");
    byte[] bytes = new byte[(1 << 20) + 17];
    Files.write(file, bytes);
    FileSum before = FileSum.of(file);
    bytes[700_000] = 1;
    Files.write(file, bytes);
    assertThat(before.bytes()).isEqualTo(bytes.length);
    assertThat(FileSum.of(file)).isNotEqualTo(before);
    Files.write(file, new byte[32]);
    assertThat(FileSum.of(file).crc32c()).isEqualTo("8a9136aa");
  }

  @Test
  void a_missing_file_is_named() {
    assertThatThrownBy(() -> FileSum.of(folder.resolve("nowhere")))
        .isInstanceOf(MarlinException.class)
        .hasMessageContaining("nowhere");
  }
}
