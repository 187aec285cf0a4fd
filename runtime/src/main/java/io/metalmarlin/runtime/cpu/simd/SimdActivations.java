package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.F;
import static io.metalmarlin.runtime.cpu.simd.Lanes.L;
import static io.metalmarlin.runtime.cpu.simd.Lanes.LE;
import static io.metalmarlin.runtime.cpu.simd.Lanes.load;
import static io.metalmarlin.runtime.cpu.simd.SimdRows.get;
import static io.metalmarlin.runtime.cpu.simd.SimdRows.set;

import io.metalmarlin.runtime.cpu.scalar.ScalarActivations;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Mlp;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The elementwise functions of [SimdRows].
final class SimdActivations {
  // 2 sqrt(2 / pi), and that times the cubic's factor.
  private static final float TANH_LINEAR = 1.5957691216f;
  private static final float TANH_CUBIC = 0.0713548162726f;
  private static final float SQRT_HALF = 0.70710678118f;

  private SimdActivations() {}

  static void gate(
      Activation activation,
      MemorySegment gate,
      long gateOffset,
      MemorySegment up,
      long upOffset,
      int n) {
    int whole = n - n % L;
    for (int i = 0; i < whole; i += L) {
      FloatVector g = load(gate, gateOffset + 4L * i);
      FloatVector u = load(up, upOffset + 4L * i);
      of(activation, g).mul(u).intoMemorySegment(gate, gateOffset + 4L * i, LE);
    }
    for (int i = whole; i < n; i++) {
      float g = tail(activation, get(gate, gateOffset, i));
      set(gate, gateOffset, i, g * get(up, upOffset, i));
    }
  }

  static void clampedGate(
      Mlp.Clamp clamp,
      MemorySegment gate,
      long gateOffset,
      MemorySegment up,
      long upOffset,
      int n) {
    float limit = clamp.limit();
    int whole = n - n % L;
    for (int i = 0; i < whole; i += L) {
      FloatVector g = load(gate, gateOffset + 4L * i).min(limit);
      FloatVector u = load(up, upOffset + 4L * i).min(limit).max(-limit);
      g.div(Lanes.exp(g.mul(-clamp.alpha())).add(1f))
          .mul(u.add(1f))
          .intoMemorySegment(gate, gateOffset + 4L * i, LE);
    }
    for (int i = whole; i < n; i++) {
      double g = Math.min(get(gate, gateOffset, i), limit);
      float u = Math.clamp(get(up, upOffset, i), -limit, limit);
      set(gate, gateOffset, i, (float) (g / (1 + StrictMath.exp(-clamp.alpha() * g)) * (u + 1)));
    }
  }

  static void activate(Activation activation, MemorySegment x, long xOffset, int n) {
    int whole = n - n % L;
    for (int i = 0; i < whole; i += L) {
      of(activation, load(x, xOffset + 4L * i)).intoMemorySegment(x, xOffset + 4L * i, LE);
    }
    for (int i = whole; i < n; i++) {
      set(x, xOffset, i, tail(activation, get(x, xOffset, i)));
    }
  }

  static void softcap(MemorySegment x, long xOffset, int n, float cap) {
    int whole = n - n % L;
    for (int i = 0; i < whole; i += L) {
      tanh(load(x, xOffset + 4L * i).mul(1 / cap))
          .mul(cap)
          .intoMemorySegment(x, xOffset + 4L * i, LE);
    }
    for (int i = whole; i < n; i++) {
      set(x, xOffset, i, (float) (cap * StrictMath.tanh((double) get(x, xOffset, i) / cap)));
    }
  }

  private static FloatVector of(Activation activation, FloatVector x) {
    return switch (activation) {
      case SILU -> x.div(Lanes.exp(x.neg()).add(1f));
      // x (1 + tanh u) / 2 = x / (1 + e^-2u)
      case GELU_TANH ->
          x.div(Lanes.exp(x.mul(x).mul(TANH_CUBIC).add(TANH_LINEAR).mul(x).neg()).add(1f));
      case GELU -> x.mul(.5f).mul(erf(x.mul(SQRT_HALF)).add(1f));
      case QUICK_GELU -> x.div(Lanes.exp(x.mul(-1.702f)).add(1f));
      case RELU -> x.max(0f);
      case RELU_SQUARED -> x.max(0f).mul(x.max(0f));
      case SIGMOID -> FloatVector.broadcast(F, 1f).div(Lanes.exp(x.neg()).add(1f));
      case TANH -> tanh(x);
    };
  }

  /// `1 - 2 / (e^2x + 1)`.
  private static FloatVector tanh(FloatVector x) {
    return FloatVector.broadcast(F, -2f).div(Lanes.exp(x.mul(2f)).add(1f)).add(1f);
  }

  private static float tail(Activation activation, float x) {
    if (activation == Activation.SILU) {
      double g = x;
      return (float) (g / (1 + StrictMath.exp(-g)));
    }
    return (float) ScalarActivations.of(activation, x);
  }

  /// The error function to 1.5e-7.
  ///
  /// Source: Abramowitz and Stegun, formula 7.1.26.
  private static FloatVector erf(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector one = FloatVector.broadcast(F, 1f);
    FloatVector t = one.div(a.mul(0.3275911f).add(1f));
    FloatVector p = t.mul(1.061405429f).sub(1.453152027f);
    p = p.mul(t).add(1.421413741f);
    p = p.mul(t).sub(0.284496736f);
    p = p.mul(t).add(0.254829592f).mul(t);
    FloatVector y = one.sub(p.mul(Lanes.exp(a.mul(a).neg())));
    return y.blend(y.neg(), x.lt(0f));
  }
}
