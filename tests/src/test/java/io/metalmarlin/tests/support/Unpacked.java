package io.metalmarlin.tests.support;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.safetensors.Safetensors;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A dense model with the values of a packed one: names and shapes of its source, stacked experts
/// among them, NVFP4 weights decoded by [NaiveNvfp4]. Shares no layout with the product.
public final class Unpacked {
  /// What a family stores otherwise than `[out, in]` in a tensor of its own.
  ///
  /// @param stacks its experts, null where each has tensors of its own
  /// @param conv1d all matrices of blocks are stored `[in, out]`
  public record Stored(@Nullable Stacks stacks, boolean conv1d) {
    private static final List<String> LLAMA = List.of("gate_proj", "up_proj", "down_proj");

    public static Stored of(String family) {
      return new Stored(
          switch (family) {
            case "gpt_oss" -> new Stacks("gate_up_proj", "down_proj", true, true, LLAMA);
            case "llama4_text" ->
                new Stacks("experts.gate_up_proj", "experts.down_proj", true, false, LLAMA);
            case "granitemoe" ->
                new Stacks(
                    "input_linear.weight",
                    "output_linear.weight",
                    false,
                    false,
                    List.of("w1", "w3", "w2"));
            default -> null;
          },
          family.equals("gpt2"));
    }

    /// A family with the experts `w1` to `w3` as transformers itself calls and stacks them.
    public static Stored own() {
      return new Stored(
          new Stacks(
              "experts.gate_up_proj", "experts.down_proj", false, false, List.of("w1", "w3", "w2")),
          false);
    }
  }

  /// How a family stacks its experts.
  ///
  /// @param gateUp the tensor's name behind the parent of the experts
  /// @param down likewise
  /// @param transposed `[E, in, out]`
  /// @param alternating rows of gate and up take turns
  /// @param parts what gate, up and down are called one by one, for example `w1`
  public record Stacks(
      String gateUp, String down, boolean transposed, boolean alternating, List<String> parts) {}

  private Unpacked() {}

  /// Writes the model beside its config.
  public static void write(Path source, Path packed, Stored stored, Path to) throws IOException {
    RawCheckpoint dense = RawCheckpoint.of(source);
    RawCheckpoint codes = RawCheckpoint.of(packed);
    Map<String, TensorInfo> infos = new TreeMap<>();
    Map<String, MemorySegment> bytes = new TreeMap<>();
    dense
        .tensors()
        .forEach((name, t) -> {
          float[] values = values(name, t, codes, stored);
          DType type = values == null ? DType.valueOf(t.dtype()) : DType.F32;
          infos.put(name, new TensorInfo(name, type, t.shape()));
          // What is not packed may still have taken over a change of scale.
          RawCheckpoint.Tensor kept = codes.tensors().getOrDefault(name, t);
          bytes.put(
              name,
              values == null ? MemorySegment.ofArray(kept.data()) : MemorySegment.ofArray(values));
        });
    Files.createDirectories(to);
    try (CheckpointWriter writer =
        Safetensors.INSTANCE.create(
            to, new ArrayList<>(infos.values()), Map.of("format", "pt"), Long.MAX_VALUE)) {
      bytes.forEach((name, b) -> writer.write(name, 0, b));
      writer.commit();
    }
    Files.write(to.resolve("config.json"), Files.readAllBytes(source.resolve("config.json")));
  }

  private static float @Nullable [] values(
      String name, RawCheckpoint.Tensor t, RawCheckpoint codes, Stored stored) {
    String module = name.replaceFirst("\\.weight$", "");
    if (codes.tensors().containsKey(module + ".weight_packed")) {
      float[][] w = NaiveNvfp4.weight(codes, module);
      return flat(stored.conv1d() ? transposed(w) : w);
    }
    Stacks stacks = stored.stacks();
    if (stacks == null) {
      return null;
    }
    boolean up = name.endsWith(stacks.gateUp());
    if (!up && !name.endsWith(stacks.down())) {
      return null;
    }
    String parent =
        name.substring(0, name.length() - (up ? stacks.gateUp() : stacks.down()).length());
    String own = parent + (parent.endsWith("experts.") ? "" : "experts.");
    // Published checkpoints have experts of these names there only.
    boolean mixtral = stacks.parts().getFirst().equals("w1");
    String expert = mixtral ? own.replace(".mlp.", ".block_sparse_moe.") : own;
    if (!codes.tensors().containsKey(expert + "0." + stacks.parts().get(2) + ".weight_packed")) {
      return null;
    }
    float[] all = new float[t.floats().length];
    int experts = Math.toIntExact(t.shape().getFirst());
    int each = all.length / experts;
    for (int e = 0; e < experts; e++) {
      List<String> parts = up ? stacks.parts().subList(0, 2) : stacks.parts().subList(2, 3);
      for (int p = 0; p < parts.size(); p++) {
        float[][] w = NaiveNvfp4.weight(codes, expert + e + "." + parts.get(p));
        put(w, p, parts.size(), stacks, all, e * each);
      }
    }
    return all;
  }

  private static void put(float[][] w, int part, int parts, Stacks stacks, float[] all, int first) {
    int out = w.length;
    int in = w[0].length;
    for (int r = 0; r < out; r++) {
      int row = stacks.alternating() ? r * parts + part : part * out + r;
      for (int c = 0; c < in; c++) {
        all[first + (stacks.transposed() ? c * out * parts + row : row * in + c)] = w[r][c];
      }
    }
  }

  private static float[][] transposed(float[][] w) {
    float[][] t = new float[w[0].length][w.length];
    for (int r = 0; r < w.length; r++) {
      for (int c = 0; c < w[0].length; c++) {
        t[c][r] = w[r][c];
      }
    }
    return t;
  }

  private static float[] flat(float[][] w) {
    float[] all = new float[w.length * w[0].length];
    for (int r = 0; r < w.length; r++) {
      System.arraycopy(w[r], 0, all, r * w[0].length, w[0].length);
    }
    return all;
  }
}
