package io.metalmarlin.runtime.cpu.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.runtime.cpu.kernel.RowKernel;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Mlp;
import java.lang.foreign.MemorySegment;

/// Row steps by their definitions, sums in fp64.
public final class ScalarRows implements RowKernel {
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
    double squares = 0;
    for (int i = 0; i < n; i++) {
      double v = get(x, xOffset, i);
      squares += v * v;
    }
    double factor = 1 / Math.sqrt(squares / n + epsilon);
    for (int i = 0; i < n; i++) {
      set(out, outOffset, i, (float) (get(x, xOffset, i) * factor * gamma[gammaOffset + i]));
    }
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
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += get(x, xOffset, i);
    }
    double mean = sum / n;
    double squares = 0;
    for (int i = 0; i < n; i++) {
      double v = get(x, xOffset, i) - mean;
      squares += v * v;
    }
    double factor = 1 / Math.sqrt(squares / n + epsilon);
    for (int i = 0; i < n; i++) {
      double v = get(x, xOffset, i) - mean;
      set(out, outOffset, i, (float) (v * factor * gamma[gammaOffset + i]));
    }
  }

  @Override
  public void rotate(
      MemorySegment x, long xOffset, int half, float[] cosines, float[] sines, int tableOffset) {
    for (int i = 0; i < half; i++) {
      double first = get(x, xOffset, i);
      double second = get(x, xOffset, half + i);
      double cos = cosines[tableOffset + i];
      double sin = sines[tableOffset + i];
      set(x, xOffset, i, (float) (first * cos - second * sin));
      set(x, xOffset, half + i, (float) (second * cos + first * sin));
    }
  }

  @Override
  public void rotateNeighbours(
      MemorySegment x, long xOffset, int half, float[] cosines, float[] sines, int tableOffset) {
    for (int i = 0; i < half; i++) {
      double first = get(x, xOffset, 2 * i);
      double second = get(x, xOffset, 2 * i + 1);
      double cos = cosines[tableOffset + i];
      double sin = sines[tableOffset + i];
      set(x, xOffset, 2 * i, (float) (first * cos - second * sin));
      set(x, xOffset, 2 * i + 1, (float) (second * cos + first * sin));
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
    for (int i = 0; i < n; i++) {
      double g = ScalarActivations.of(activation, get(gate, gateOffset, i));
      set(gate, gateOffset, i, (float) (g * get(up, upOffset, i)));
    }
  }

  @Override
  public void clampedGate(
      Mlp.Clamp clamp,
      MemorySegment gate,
      long gateOffset,
      MemorySegment up,
      long upOffset,
      int n) {
    double limit = clamp.limit();
    for (int i = 0; i < n; i++) {
      double g = Math.min(get(gate, gateOffset, i), limit);
      double u = Math.clamp(get(up, upOffset, i), -limit, limit);
      double y = g / (1 + StrictMath.exp(-clamp.alpha() * g)) * (u + 1);
      set(gate, gateOffset, i, (float) y);
    }
  }

  @Override
  public void activate(Activation activation, MemorySegment x, long xOffset, int n) {
    for (int i = 0; i < n; i++) {
      set(x, xOffset, i, (float) ScalarActivations.of(activation, get(x, xOffset, i)));
    }
  }

  @Override
  public void softcap(MemorySegment x, long xOffset, int n, float cap) {
    for (int i = 0; i < n; i++) {
      set(x, xOffset, i, (float) (cap * Math.tanh((double) get(x, xOffset, i) / cap)));
    }
  }

  @Override
  public void add(MemorySegment x, long xOffset, MemorySegment y, long yOffset, int n) {
    for (int i = 0; i < n; i++) {
      set(x, xOffset, i, get(x, xOffset, i) + get(y, yOffset, i));
    }
  }

  @Override
  public void addBias(MemorySegment x, long xOffset, float[] bias, int biasOffset, int n) {
    for (int i = 0; i < n; i++) {
      set(x, xOffset, i, get(x, xOffset, i) + bias[biasOffset + i]);
    }
  }

  @Override
  public void scale(MemorySegment x, long xOffset, int n, float factor) {
    for (int i = 0; i < n; i++) {
      set(x, xOffset, i, get(x, xOffset, i) * factor);
    }
  }

  @Override
  public float exponentials(MemorySegment scores, long offset, int valid, int width) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < valid; i++) {
      max = Math.max(max, get(scores, offset, i));
    }
    double sum = 0;
    for (int i = 0; i < valid; i++) {
      double e = Math.exp((double) get(scores, offset, i) - max);
      sum += e;
      set(scores, offset, i, (float) e);
    }
    for (int i = valid; i < width; i++) {
      set(scores, offset, i, 0f);
    }
    return (float) sum;
  }

  @Override
  public void hadamard(MemorySegment x, long xOffset, int n, int block) {
    double[] in = new double[block];
    for (int b = 0; b < n; b += block) {
      for (int i = 0; i < block; i++) {
        in[i] = get(x, xOffset, b + i);
      }
      for (int j = 0; j < block; j++) {
        double sum = 0;
        for (int i = 0; i < block; i++) {
          // Sylvester: entry (i, j) is -1 to the number of ones that i and j share.
          sum += (Integer.bitCount(i & j) & 1) == 0 ? in[i] : -in[i];
        }
        set(x, xOffset, b + j, (float) (sum / Math.sqrt(block)));
      }
    }
  }

  private static float get(MemorySegment s, long offset, int i) {
    return s.get(JAVA_FLOAT_UNALIGNED, offset + 4L * i);
  }

  private static void set(MemorySegment s, long offset, int i, float v) {
    s.set(JAVA_FLOAT_UNALIGNED, offset + 4L * i, v);
  }
}
