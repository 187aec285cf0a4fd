package io.metalmarlin.formats.scheme.ggml;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Values equal those of ggml's own dequantizers, bit for bit.
class GoldenDecodeTest {
  static Stream<Arguments> files() {
    return BlockCodecs.ALL.stream()
        .flatMap(c ->
            Golden.sets().stream()
                .flatMap(s ->
                    Stream.of("", ".im")
                        .map(i -> Arguments.of(c.type().name(), s + "." + c.type() + i))));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("files")
  void decodes_to_the_values_of_ggml(String type, String name) {
    Assumptions.assumeTrue(
        Golden.has(name + ".q") || name.endsWith(".im"),
        name + ": ggml does not write this type without importance");
    BlockCodec codec = BlockCodecs.of(DType.valueOf(type));
    byte[] blocks = Golden.bytes(name + ".q");
    float[] expected = Golden.floats(name + ".deq.f32");
    float[] actual = new float[expected.length];

    codec.decode(
        MemorySegment.ofArray(blocks), 0, blocks.length / codec.type().blockBytes(), actual, 0);

    assertThat(bits(actual)).isEqualTo(bits(expected));
  }

  private static int[] bits(float[] x) {
    int[] bits = new int[x.length];
    Arrays.setAll(bits, i -> Float.floatToRawIntBits(x[i]));
    return bits;
  }
}
