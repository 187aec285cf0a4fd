package io.metalmarlin.quant.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.cpu.CpuBackend;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenStreamTest {
  @TempDir Path folder;

  @Test
  void rowsComeBackFromTheirPlace() {
    try (Backend backend = new CpuBackend(1);
        Tensor two = backend.allocate(2, 3);
        Tensor one = backend.allocate(1, 3);
        TokenStream stream = new TokenStream(folder.resolve("h"), 3, 2)) {
      backend.write(two, MemorySegment.ofArray(new float[] {1, 2, 3, 4, 5, 6}));
      stream.write(4, two, backend);
      stream.write(2, two, backend);
      stream.read(5, one, backend);
      assertThat(backend.host(one).toArray(ValueLayout.JAVA_FLOAT)).containsExactly(4, 5, 6);
    }
  }

  @Test
  void missingFolderIsAnOutputError() {
    assertThatThrownBy(() -> new TokenStream(folder.resolve("no/h"), 3, 1))
        .isInstanceOf(MarlinException.class);
  }
}
