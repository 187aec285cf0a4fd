package io.metalmarlin.runtime.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.model.InputTransform;
import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Sparse24Scheme;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.runtime.backend.Matrix;
import io.metalmarlin.runtime.model.StoredMatrix;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whole products through both backends.
class ProductTest {
  @ParameterizedTest
  @CsvSource({
    "1, 3, 5",
    "4, 17, 33",
    "5, 17, 33",
    "3, 300, 256",
    "7, 300, 256",
    "600, 70, 40",
    "1030, 513, 24"
  })
  void fast_and_scalar_backend_agree(int rows, int out, int in) {
    StoredMatrix w = bf16(out, in);
    float[] expected = run(CpuKernels.SCALAR, 1, rows, w);
    Near.check("product", run(CpuKernels.SIMD, 2, rows, w), expected, 2e-4f);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 3000, 1000",
    "4, 3000, 1000",
    "1, 300, 512",
    "2, 130, 8192",
    "1030, 513, 64",
    "2048, 129, 64"
  })
  void results_are_the_same_bits_for_any_number_of_threads(int rows, int out, int in) {
    StoredMatrix w = bf16(out, in);
    float[] one = run(CpuKernels.SIMD, 1, rows, w);
    assertThat(run(CpuKernels.SIMD, 2, rows, w)).isEqualTo(one);
    assertThat(run(CpuKernels.SIMD, 4, rows, w)).isEqualTo(one);
  }

  @ParameterizedTest
  @CsvSource({"2, 16", "9, 16", "2, 32", "9, 32", "9, 128"})
  void an_input_transform_is_applied_before_the_product(int rows, int block) {
    PackedMatrix m =
        ((StoredMatrix.Packed)
                WeightKernelTest.nvfp4(256, new TensorScale(TensorScale.Kind.DIVISOR, 9f)))
            .matrix();
    StoredMatrix rotated = new StoredMatrix.Packed(m, Optional.of(new InputTransform(block)));
    float[] expected = run(CpuKernels.SCALAR, 1, rows, rotated);
    assertThat(run(CpuKernels.SIMD, 2, rows, rotated))
        .containsExactly(expected, Offset.offset(1e-3f));
    assertThat(run(CpuKernels.SIMD, 2, rows, new StoredMatrix.Packed(m, Optional.empty())))
        .isNotEqualTo(expected);
  }

  @Test
  void a_bias_is_added_to_every_row() {
    StoredMatrix w = bf16(3, 8);
    float[] bias = {1, -2, 4};
    float[] with = run(CpuKernels.SIMD, 1, 6, w, bias);
    float[] without = run(CpuKernels.SIMD, 1, 6, w);
    for (int i = 0; i < with.length; i++) {
      assertThat(with[i]).isEqualTo(without[i] + bias[i % 3]);
    }
  }

  @Test
  void only_schemes_with_a_kernel_of_their_own_are_called_fused() {
    try (CpuBackend backend = new CpuBackend(1)) {
      assertThat(backend.fused(new Nvfp4Grid())).isTrue();
      assertThat(backend.fused(new Sparse24Scheme(new Nvfp4Grid()))).isTrue();
      assertThat(backend.fused(FloatScheme.MXFP4)).isFalse();
      assertThat(backend.fused(new Sparse24Scheme(FloatScheme.MXFP4))).isFalse();
    }
  }

  private static float[] run(
      CpuKernels kernels, int threads, int rows, StoredMatrix w, float... bias) {
    try (CpuBackend backend = new CpuBackend(threads, kernels);
        CpuTensor x = CpuTensor.allocate(rows, w.cols());
        CpuTensor y = CpuTensor.allocate(rows, w.rows())) {
      Matrix m = backend.upload(w);
      backend.write(x, Memory.random(rows * w.cols(), 77));
      backend.matmul(x, m, bias.length == 0 ? null : bias, y);
      MemorySegment host = Memory.floats(rows * w.rows());
      backend.read(y, host);
      return Memory.array(host, rows * w.rows());
    }
  }

  private static StoredMatrix bf16(int rows, int cols) {
    MemorySegment s = java.lang.foreign.Arena.ofAuto().allocate(2L * rows * cols, 64);
    float[] f = Memory.array(Memory.random(rows * cols, 5), rows * cols);
    for (int i = 0; i < f.length; i++) {
      s.setAtIndex(
          java.lang.foreign.ValueLayout.JAVA_SHORT,
          i,
          (short) (Float.floatToRawIntBits(f[i]) >>> 16));
    }
    return new StoredMatrix.Dense(DType.BF16, rows, cols, s);
  }
}
