package io.metalmarlin.formats.scheme.nvfp4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.number.BF16;
import io.metalmarlin.formats.scheme.AbsmaxQuantizer;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/// One row of 64 bf16 values, encoded by the peers: ties, both zeros, an empty group, tiny values.
class GoldenVectorTest {
  private static final String INPUT =
      "000080003c24bc243e003e803ec0bf003f403f80bfa03fc04000c02040404053"
          + "0000".repeat(16)
          + "000080003728b72839033983"
          + "39c5ba033a453a83baa43ac53b03bb243b453b58"
          + "40144006bfe03fb33f86bf603f333f06beb33e863e333db3bbe63be680000000";
  private static final String CODES =
      "008010a1435ce677" + "0000000000000000" + "008010a1435ce677" + "776ec5341a010800";

  private static float[] input() {
    byte[] bytes = HexFormat.of().parseHex(INPUT);
    float[] out = new float[64];
    for (int i = 0; i < 64; i++) {
      out[i] = BF16.value(ByteBuffer.wrap(bytes).getShort(2 * i));
    }
    return out;
  }

  private static void check(
      GroupPacking packing, DType source, int tensorScaleBits, String scales) {
    float[] w = input();
    TensorScale ts = packing.profile().tensorScale(AbsmaxQuantizer.absmax(w, 0, 64), source);
    assertThat(Float.floatToIntBits(ts.value())).isEqualTo(tensorScaleBits);
    assertThat(ts.kind()).isEqualTo(packing.tensorScaleKind());
    QuantizedMatrix m = AbsmaxQuantizer.quantize(packing, w, 1, 64, ts, source);
    assertThat(HexFormat.of().formatHex(m.scales().toArray(ValueLayout.JAVA_BYTE)))
        .isEqualTo(scales);
    assertThat(HexFormat.of().formatHex(m.codes().toArray(ValueLayout.JAVA_BYTE))).isEqualTo(CODES);
  }

  @Test
  void compressed_tensors_of_bf16_weights() {
    check(CompressedTensorsNvfp4.INSTANCE, DType.BF16, 0x444b0000, "7e202e7a");
  }

  @Test
  void compressed_tensors_of_fp32_weights() {
    check(CompressedTensorsNvfp4.INSTANCE, DType.F32, 0x444bd453, "7e202e7a");
  }

  @Test
  void modelopt_computes_in_fp32_whatever_the_source() {
    check(ModelOptNvfp4.INSTANCE, DType.BF16, 0x3aa0c30c, "7e382e7a");
    check(ModelOptNvfp4.INSTANCE, DType.F32, 0x3aa0c30c, "7e382e7a");
  }

  @Test
  void the_bf16_divisor_of_compressed_tensors_is_reciprocal_then_product() {
    assertThat(
            CompressedTensorsNvfp4.INSTANCE.profile().tensorScale(0.169921875f, DType.BF16).value())
        .isEqualTo(15808f);
    assertThat(CompressedTensorsNvfp4.INSTANCE.profile().tensorScale(3.296875f, DType.BF16).value())
        .isEqualTo(812f);
  }

  @Test
  void the_sign_of_a_weight_that_rounds_to_zero_stays_and_that_of_minus_zero_goes() {
    for (GroupPacking p : List.of(CompressedTensorsNvfp4.INSTANCE, ModelOptNvfp4.INSTANCE)) {
      TensorScale one = new TensorScale(p.tensorScaleKind(), 1f);
      assertThat(p.profile().code(-1e-20f, 0x38, one)).isEqualTo(8);
      assertThat(p.profile().code(-0f, 0x38, one)).isZero();
      assertThat(p.profile().code(0f, 0, one)).isZero();
    }
  }

  @Test
  void a_group_that_underflows_stores_each_producers_smallest_choice() {
    GroupPacking ct = CompressedTensorsNvfp4.INSTANCE;
    TensorScale divisor = new TensorScale(TensorScale.Kind.DIVISOR, 1f);
    assertThat(ct.profile().groupScale(1e-6f, divisor, DType.F32)).isEqualTo(0x20);
    GroupPacking mo = ModelOptNvfp4.INSTANCE;
    TensorScale multiplier = new TensorScale(TensorScale.Kind.MULTIPLIER, 1f);
    assertThat(mo.profile().groupScale(1e-6f, multiplier, DType.F32)).isEqualTo(1);
  }

  @Test
  void the_search_scale_leaves_room_above_the_absmax_code() {
    for (GroupPacking p : List.of(CompressedTensorsNvfp4.INSTANCE, ModelOptNvfp4.INSTANCE)) {
      TensorScale ts = p.profile().searchScale(3f);
      assertThat(Nvfp4Scheme.INSTANCE.scaleValue(p.profile().groupScale(3f, ts, DType.F32)))
          .isEqualTo(256f);
    }
  }

  @Test
  void a_tensor_scale_that_is_no_positive_number_is_refused() {
    for (float bad : new float[] {0f, -1f, Float.NaN, Float.POSITIVE_INFINITY}) {
      MemorySegment scale = MemorySegment.ofArray(new byte[4]);
      scale.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, bad);
      List<MemorySegment> planes =
          List.of(MemorySegment.ofArray(new byte[8]), MemorySegment.ofArray(new byte[1]), scale);
      assertThatThrownBy(() -> ModelOptNvfp4.INSTANCE.decode(planes, 1, 16))
          .isInstanceOfSatisfying(
              MarlinException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NON_FINITE));
    }
  }

  @Test
  void a_width_that_is_no_multiple_of_16_has_no_planes() {
    assertThatThrownBy(() -> ModelOptNvfp4.INSTANCE.planes(4, 24))
        .isInstanceOfSatisfying(
            MarlinException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_DIVISIBLE));
  }
}
