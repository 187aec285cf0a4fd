package io.metalmarlin.runtime.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.metalmarlin.runtime.model.Recurrence;
import io.metalmarlin.runtime.model.Sequences;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Memories that grow by outer products, token after token; one piece of work per sequence and
/// head. The operands are those of `Backend.recur`.
record CpuRecurrence(
    Recurrence heads,
    Sequences sequences,
    CpuTensor q,
    CpuTensor k,
    CpuTensor v,
    CpuTensor decays,
    @Nullable CpuTensor rates,
    @Nullable CpuTensor state,
    CpuTensor out) {
  CpuRecurrence {
    int rows = sequences.rows();
    boolean fits =
        shaped(q, rows, heads.keyWidth())
            && shaped(k, rows, heads.keyWidth())
            && shaped(v, rows, heads.valueWidth())
            && shaped(out, rows, heads.valueWidth())
            && shaped(decays, rows, heads.valueHeads())
            && (rates == null || shaped(rates, rows, heads.valueHeads()))
            && (state == null || sequences.count() == 1);
    if (!fits) {
      throw new IllegalArgumentException(
          "recurrence does not fit: %s, %s, %s".formatted(heads, sequences, q));
    }
  }

  private static boolean shaped(CpuTensor t, int rows, int cols) {
    return t.rows() == rows && t.cols() == cols;
  }

  int pieces() {
    return sequences.count() * heads.valueHeads();
  }

  void piece(int index) {
    int sequence = index / heads.valueHeads();
    int head = index % heads.valueHeads();
    Recurrence h = heads;
    int keyHead = head / (h.valueHeads() / h.keyHeads());
    float[] memory = new float[h.keyDim() * h.valueDim()];
    if (state != null) {
      load(state, head * h.keyDim(), 0, memory);
    }
    float[] query = new float[h.keyDim()];
    float[] key = new float[h.keyDim()];
    float[] value = new float[h.valueDim()];
    float[] result = new float[h.valueDim()];
    for (int t = 0; t < sequences.length(); t++) {
      int row = sequence * sequences.length() + t;
      load(q, row, keyHead * h.keyDim(), query);
      load(k, row, keyHead * h.keyDim(), key);
      load(v, row, head * h.valueDim(), value);
      scale(memory, at(decays, row, head));
      if (rates != null) {
        correct(memory, key, value, at(rates, row, head), result);
      }
      write(memory, key, value);
      read(memory, query, result);
      store(result, out, row, head * h.valueDim());
    }
    if (state != null) {
      store(memory, state, head * h.keyDim(), 0);
    }
  }

  private static void scale(float[] memory, float factor) {
    for (int i = 0; i < memory.length; i++) {
      memory[i] *= factor;
    }
  }

  /// `v = rate * (v - k memory)`.
  private static void correct(float[] memory, float[] k, float[] v, float rate, float[] recalled) {
    read(memory, k, recalled);
    for (int j = 0; j < v.length; j++) {
      v[j] = rate * (v[j] - recalled[j]);
    }
  }

  private static void write(float[] memory, float[] k, float[] v) {
    for (int i = 0; i < k.length; i++) {
      float key = k[i];
      int row = i * v.length;
      for (int j = 0; j < v.length; j++) {
        memory[row + j] += key * v[j];
      }
    }
  }

  private static void read(float[] memory, float[] q, float[] out) {
    Arrays.fill(out, 0);
    for (int i = 0; i < q.length; i++) {
      float query = q[i];
      int row = i * out.length;
      for (int j = 0; j < out.length; j++) {
        out[j] += query * memory[row + j];
      }
    }
  }

  private static float at(CpuTensor t, int row, int col) {
    return t.data().get(JAVA_FLOAT, t.offset(row) + 4L * col);
  }

  private static void load(CpuTensor from, int row, int col, float[] to) {
    MemorySegment.copy(from.data(), JAVA_FLOAT, from.offset(row) + 4L * col, to, 0, to.length);
  }

  private static void store(float[] from, CpuTensor to, int row, int col) {
    MemorySegment.copy(from, 0, to.data(), JAVA_FLOAT, to.offset(row) + 4L * col, from.length);
  }
}
