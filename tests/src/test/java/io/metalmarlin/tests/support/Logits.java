package io.metalmarlin.tests.support;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Logits of a model folder as `marlin eval --dump-logits` writes them.
public final class Logits {
  private static final String IDS =
      IntStream.range(0, 40)
          .map(i -> i * 37 % 96)
          .mapToObj(Integer::toString)
          .collect(Collectors.joining(","));

  private Logits() {}

  /// Of 40 ids below 96.
  ///
  /// @param work where the file goes
  public static float[] of(Path folder, Path work) throws IOException {
    Path file = work.resolve(folder.getFileName() + "-logits.safetensors");
    Cli.run("eval", folder, "--input-ids", IDS, "--dump-logits", file).ok();
    return RawCheckpoint.file(file).tensors().get("logits").floats();
  }

  /// The largest difference; NaN where either has one.
  public static float difference(float[] a, float[] b) {
    if (a.length != b.length) {
      throw new IllegalArgumentException(a.length + " and " + b.length + " logits");
    }
    float largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]));
    }
    return largest;
  }
}
