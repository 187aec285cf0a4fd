package io.metalmarlin.formats.scheme.ggml;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.number.BF16;
import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// F16 and BF16 need no block codec: the plain conversions give ggml's bytes and values.
class GoldenPlainTest {
  static Iterable<String> sets() {
    return Golden.sets();
  }

  @ParameterizedTest
  @MethodSource("sets")
  void f16_is_rounded_as_ggml_rounds(String set) {
    float[] x = Golden.floats(set + ".f32");
    byte[] actual = new byte[2 * x.length];
    for (int i = 0; i < x.length; i++) {
      Bytes.putHalf(actual, 2 * i, x[i]);
    }
    assertThat(actual).isEqualTo(Golden.bytes(set + ".F16.q"));
    assertThat(widened(DType.F16, actual)).isEqualTo(Golden.floats(set + ".F16.deq.f32"));
  }

  @ParameterizedTest
  @MethodSource("sets")
  void bf16_is_rounded_as_ggml_rounds(String set) {
    float[] x = Golden.floats(set + ".f32");
    byte[] actual = new byte[2 * x.length];
    for (int i = 0; i < x.length; i++) {
      Bytes.putU16(actual, 2 * i, BF16.nearest(x[i]));
    }
    assertThat(actual).isEqualTo(Golden.bytes(set + ".BF16.q"));
    assertThat(widened(DType.BF16, actual)).isEqualTo(Golden.floats(set + ".BF16.deq.f32"));
  }

  private static float[] widened(DType type, byte[] bytes) {
    float[] out = new float[bytes.length / 2];
    Floats.widen(type, MemorySegment.ofArray(bytes), 0, out, 0, out.length);
    return out;
  }
}
