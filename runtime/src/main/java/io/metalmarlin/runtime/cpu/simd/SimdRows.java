package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.F;
import static io.metalmarlin.runtime.cpu.simd.Lanes.L;
import static io.metalmarlin.runtime.cpu.simd.Lanes.LE;
import static io.metalmarlin.runtime.cpu.simd.Lanes.load;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.runtime.cpu.kernel.RowKernel;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Mlp;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// Row steps with the Vector API; sums in fp32 lanes.
public final class SimdRows implements RowKernel {
  @Override
  public void rmsNorm(
      MemorySegment x,
      long xOffset,
      float[] gamma,
      int gammaOffset,
      int n,
      float epsilon,
      MemorySegment out,
      long outOffset) {
    SimdNorms.rms(x, xOffset, gamma, gammaOffset, n, epsilon, out, outOffset);
  }

  @Override
  public void layerNorm(
      MemorySegment x,
      long xOffset,
      float[] gamma,
      int gammaOffset,
      int n,
      float epsilon,
      MemorySegment out,
      long outOffset) {
    SimdNorms.layer(x, xOffset, gamma, gammaOffset, n, epsilon, out, outOffset);
  }

  @Override
  public void rotate(
      MemorySegment x, long xOffset, int half, float[] cosines, float[] sines, int tableOffset) {
    int whole = half - half % L;
    for (int i = 0; i < whole; i += L) {
      long low = xOffset + 4L * i;
      long high = low + 4L * half;
      FloatVector first = load(x, low);
      FloatVector second = load(x, high);
      FloatVector cos = FloatVector.fromArray(F, cosines, tableOffset + i);
      FloatVector sin = FloatVector.fromArray(F, sines, tableOffset + i);
      first.mul(cos).sub(second.mul(sin)).intoMemorySegment(x, low, LE);
      second.mul(cos).add(first.mul(sin)).intoMemorySegment(x, high, LE);
    }
    for (int i = whole; i < half; i++) {
      float first = get(x, xOffset, i);
      float second = get(x, xOffset, half + i);
      float cos = cosines[tableOffset + i];
      float sin = sines[tableOffset + i];
      set(x, xOffset, i, first * cos - second * sin);
      set(x, xOffset, half + i, second * cos + first * sin);
    }
  }

  @Override
  public void rotateNeighbours(
      MemorySegment x, long xOffset, int half, float[] cosines, float[] sines, int tableOffset) {
    for (int i = 0; i < half; i++) {
      float first = get(x, xOffset, 2 * i);
      float second = get(x, xOffset, 2 * i + 1);
      float cos = cosines[tableOffset + i];
      float sin = sines[tableOffset + i];
      set(x, xOffset, 2 * i, first * cos - second * sin);
      set(x, xOffset, 2 * i + 1, second * cos + first * sin);
    }
  }

  @Override
  public void gate(
      Activation activation,
      MemorySegment gate,
      long gateOffset,
      MemorySegment up,
      long upOffset,
      int n) {
    SimdActivations.gate(activation, gate, gateOffset, up, upOffset, n);
  }

  @Override
  public void clampedGate(
      Mlp.Clamp clamp,
      MemorySegment gate,
      long gateOffset,
      MemorySegment up,
      long upOffset,
      int n) {
    SimdActivations.clampedGate(clamp, gate, gateOffset, up, upOffset, n);
  }

  @Override
  public void activate(Activation activation, MemorySegment x, long xOffset, int n) {
    SimdActivations.activate(activation, x, xOffset, n);
  }

  @Override
  public void softcap(MemorySegment x, long xOffset, int n, float cap) {
    SimdActivations.softcap(x, xOffset, n, cap);
  }

  @Override
  public void add(MemorySegment x, long xOffset, MemorySegment y, long yOffset, int n) {
    int whole = n - n % L;
    for (int i = 0; i < whole; i += L) {
      load(x, xOffset + 4L * i)
          .add(load(y, yOffset + 4L * i))
          .intoMemorySegment(x, xOffset + 4L * i, LE);
    }
    for (int i = whole; i < n; i++) {
      set(x, xOffset, i, get(x, xOffset, i) + get(y, yOffset, i));
    }
  }

  @Override
  public void addBias(MemorySegment x, long xOffset, float[] bias, int biasOffset, int n) {
    int whole = n - n % L;
    for (int i = 0; i < whole; i += L) {
      load(x, xOffset + 4L * i)
          .add(FloatVector.fromArray(F, bias, biasOffset + i))
          .intoMemorySegment(x, xOffset + 4L * i, LE);
    }
    for (int i = whole; i < n; i++) {
      set(x, xOffset, i, get(x, xOffset, i) + bias[biasOffset + i]);
    }
  }

  @Override
  public void scale(MemorySegment x, long xOffset, int n, float factor) {
    int whole = n - n % L;
    for (int i = 0; i < whole; i += L) {
      load(x, xOffset + 4L * i).mul(factor).intoMemorySegment(x, xOffset + 4L * i, LE);
    }
    for (int i = whole; i < n; i++) {
      set(x, xOffset, i, get(x, xOffset, i) * factor);
    }
  }

  @Override
  public float exponentials(MemorySegment scores, long offset, int valid, int width) {
    int whole = valid - valid % L;
    FloatVector top = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < whole; i += L) {
      top = load(scores, offset + 4L * i).max(top);
    }
    float max = top.reduceLanes(VectorOperators.MAX);
    for (int i = whole; i < valid; i++) {
      max = Math.max(max, get(scores, offset, i));
    }
    FloatVector sums = FloatVector.zero(F);
    for (int i = 0; i < whole; i += L) {
      FloatVector e = Lanes.exp(load(scores, offset + 4L * i).sub(max));
      e.intoMemorySegment(scores, offset + 4L * i, LE);
      sums = e.add(sums);
    }
    float sum = Lanes.sum(sums);
    for (int i = whole; i < valid; i++) {
      float e = (float) StrictMath.exp(get(scores, offset, i) - max);
      set(scores, offset, i, e);
      sum += e;
    }
    scores.asSlice(offset + 4L * valid, 4L * (width - valid)).fill((byte) 0);
    return sum;
  }

  @Override
  public void hadamard(MemorySegment x, long xOffset, int n, int block) {
    SimdHadamard.transform(x, xOffset, n, block);
  }

  static float get(MemorySegment s, long offset, int i) {
    return s.get(JAVA_FLOAT_UNALIGNED, offset + 4L * i);
  }

  static void set(MemorySegment s, long offset, int i, float v) {
    s.set(JAVA_FLOAT_UNALIGNED, offset + 4L * i, v);
  }
}
