package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.RawCheckpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A family that is not known is rounded with the same bytes as one that is.
class UnknownFamilyTest {
  @TempDir Path work;

  @Test
  void is_rounded_like_a_known_one() throws IOException {
    Path known = Models.twoBlocks();
    Path unknown = Files.createDirectory(work.resolve("unknown"));
    try (Stream<Path> files = Files.list(known)) {
      for (Path f : files.filter(Files::isRegularFile).toList()) {
        Files.copy(f, unknown.resolve(f.getFileName()));
      }
    }
    Path config = unknown.resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("\"qwen3\"", "\"something_else\""));
    Path a = work.resolve("a");
    Path b = work.resolve("b");
    Cli.run(Models.quantize(known, a, "--method", "rtn")).ok();
    Cli.run(Models.quantize(unknown, b, "--method", "rtn")).ok();
    assertThat(tensors(b)).isEqualTo(tensors(a));
  }

  private static Map<String, ByteBuffer> tensors(Path folder) throws IOException {
    Map<String, ByteBuffer> all = new TreeMap<>();
    RawCheckpoint.of(folder)
        .tensors()
        .forEach((name, t) -> all.put(name, ByteBuffer.wrap(t.data())));
    return all;
  }
}
