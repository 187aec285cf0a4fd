package io.metalmarlin.formats.scheme.ggml;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.tensor.DType;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Blocks equal those of ggml's own quantizers, byte for byte.
class GoldenEncodeTest {
  static Stream<Arguments> files() {
    return BlockCodecs.ALL.stream()
        .filter(BlockCodec::writes)
        .flatMap(c ->
            Golden.sets().stream()
                .flatMap(s ->
                    Stream.of(Arguments.of(c.type(), s, ""), Arguments.of(c.type(), s, ".im"))));
  }

  @ParameterizedTest(name = "{1}.{0}{2}")
  @MethodSource("files")
  void encodes_to_the_bytes_of_ggml(DType type, String set, String kind) {
    float[] x = Golden.floats(set + ".f32");
    float[] importance = kind.isEmpty() ? null : Golden.floats(set + ".imatrix.f32");
    byte[] expected = Golden.bytes(set + "." + type + kind + ".q");
    byte[] actual = new byte[expected.length];
    int cols = Golden.cols(set);
    int rowBytes = cols / type.blockElements() * type.blockBytes();
    for (int r = 0; r < Golden.ROWS; r++) {
      BlockCodecs.of(type).encodeRow(x, r * cols, cols, importance, 0, actual, r * rowBytes);
    }

    int n = type.blockBytes();
    int[] wrong =
        IntStream.range(0, actual.length / n)
            .filter(k -> !Arrays.equals(actual, k * n, k * n + n, expected, k * n, k * n + n))
            .toArray();
    assertThat(wrong).as("blocks of %d that differ", actual.length / n).isEmpty();
  }
}
