package io.metalmarlin.quant.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.MarlinException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HiddenStreamTest {
  @TempDir Path folder;

  @Test
  void rowsComeBackFromTheirPlace() {
    try (Arena arena = Arena.ofConfined();
        HiddenStream stream = new HiddenStream(folder.resolve("h"), 3)) {
      MemorySegment rows = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 2, 3, 4, 5, 6);
      stream.write(4, rows);
      stream.write(2, rows);
      MemorySegment back = arena.allocate(12);
      stream.read(5, back);
      assertThat(back.toArray(ValueLayout.JAVA_FLOAT)).containsExactly(4, 5, 6);
    }
  }

  @Test
  void missingFolderIsAnOutputError() {
    assertThatThrownBy(() -> new HiddenStream(folder.resolve("no/h"), 3))
        .isInstanceOf(MarlinException.class);
  }
}
