package io.metalmarlin.runtime.cpu;

import io.metalmarlin.runtime.cpu.kernel.AttendKernel;
import io.metalmarlin.runtime.cpu.kernel.CacheKernel;
import io.metalmarlin.runtime.cpu.kernel.Gemm;
import io.metalmarlin.runtime.cpu.kernel.RowKernel;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.cpu.scalar.ScalarAttend;
import io.metalmarlin.runtime.cpu.scalar.ScalarCacheRows;
import io.metalmarlin.runtime.cpu.scalar.ScalarDense;
import io.metalmarlin.runtime.cpu.scalar.ScalarGemm;
import io.metalmarlin.runtime.cpu.scalar.ScalarPacked;
import io.metalmarlin.runtime.cpu.scalar.ScalarRows;
import io.metalmarlin.runtime.cpu.simd.Bf16Weights;
import io.metalmarlin.runtime.cpu.simd.CodebookWeights;
import io.metalmarlin.runtime.cpu.simd.DecodedWeights;
import io.metalmarlin.runtime.cpu.simd.F16Weights;
import io.metalmarlin.runtime.cpu.simd.F32Weights;
import io.metalmarlin.runtime.cpu.simd.IntWeights;
import io.metalmarlin.runtime.cpu.simd.Nvfp4Int8Weights;
import io.metalmarlin.runtime.cpu.simd.Nvfp4Weights;
import io.metalmarlin.runtime.cpu.simd.OpenBlasGemm;
import io.metalmarlin.runtime.cpu.simd.Q40Int8Weights;
import io.metalmarlin.runtime.cpu.simd.Q40Weights;
import io.metalmarlin.runtime.cpu.simd.Q80Weights;
import io.metalmarlin.runtime.cpu.simd.SimdAttend;
import io.metalmarlin.runtime.cpu.simd.SimdCacheRows;
import io.metalmarlin.runtime.cpu.simd.SimdRows;
import io.metalmarlin.runtime.cpu.simd.Sparse24Weights;
import io.metalmarlin.runtime.cpu.simd.TrellisWeights;
import io.metalmarlin.runtime.model.StoredMatrix;
import java.util.List;
import java.util.stream.Stream;

/// A complete set of kernels. A new fast form of weights is one class and one line in [#SIMD].
///
/// @param name `scalar` or `simd`
/// @param weights the first that accepts a matrix reads it
public record CpuKernels(
    String name,
    List<WeightKernel> weights,
    Gemm gemm,
    RowKernel rows,
    AttendKernel attend,
    CacheKernel cache) {
  /// The specification.
  public static final CpuKernels SCALAR =
      new CpuKernels(
          "scalar",
          List.of(new ScalarDense(), new ScalarPacked()),
          new ScalarGemm(),
          new ScalarRows(),
          new ScalarAttend(),
          new ScalarCacheRows());

  /// What runs. Packed schemes without a kernel of their own are decoded row by row.
  public static final CpuKernels SIMD =
      new CpuKernels(
          "simd",
          List.of(
              new Bf16Weights(),
              new F16Weights(),
              new F32Weights(),
              new Nvfp4Weights(),
              new IntWeights(),
              new Q80Weights(),
              new Q40Weights(),
              new Sparse24Weights(),
              new CodebookWeights(),
              new TrellisWeights(),
              new DecodedWeights()),
          new OpenBlasGemm(),
          new SimdRows(),
          new SimdAttend(),
          new SimdCacheRows());

  /// [#SIMD], but few rows times Q4_0 or NVFP4 multiply inputs that were rounded to 8 bits in
  /// blocks of 32, as llama.cpp does: half the instructions, and results that differ by about half
  /// a percent of an input's rounding. Only where it was asked for.
  public static final CpuKernels INT8 =
      new CpuKernels(
          "int8",
          Stream.concat(
                  Stream.<WeightKernel>of(new Q40Int8Weights(), new Nvfp4Int8Weights()),
                  SIMD.weights.stream())
              .toList(),
          SIMD.gemm,
          SIMD.rows,
          SIMD.attend,
          SIMD.cache);

  /// Every exact set; the tests run all of them over one list of cases.
  public static final List<CpuKernels> ALL = List.of(SCALAR, SIMD);

  public CpuKernels {
    weights = List.copyOf(weights);
  }

  /// The kernel that reads `matrix`.
  ///
  /// @throws IllegalArgumentException for an element type no kernel reads (refused when a model is
  ///   opened)
  public WeightKernel weightsFor(StoredMatrix matrix) {
    for (WeightKernel k : weights) {
      if (k.accepts(matrix)) {
        return k;
      }
    }
    throw new IllegalArgumentException("no kernel reads " + matrix);
  }
}
