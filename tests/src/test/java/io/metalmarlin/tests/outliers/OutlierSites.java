package io.metalmarlin.tests.outliers;

import io.metalmarlin.tests.support.RawCheckpoint;
import io.metalmarlin.tests.support.RawCheckpoint.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/// Where the channels of a model can be scaled without a change of its function: what makes a
/// channel grows, what reads it shrinks. Found by the names of Hugging Face checkpoints (Qwen3, its
/// mixtures, DeepSeek-V2, DiffLlama, Llama and what else is called like that), not by the product's
/// declarations.
public final class OutlierSites {
  private static final Pattern LAYER = Pattern.compile("(model\\.layers\\.\\d+\\.).*");
  private static final Pattern KNOWN =
      Pattern.compile(
          "(self_attn\\.(q_proj|k_proj|v_proj|o_proj|q_norm|k_norm|lambda_[qk][12]|q_a_proj|q_b_proj"
              + "|kv_a_proj_with_mqa|kv_b_proj|q_a_layernorm|kv_a_layernorm)"
              + "|mlp\\.(gate|shared_expert_gate)"
              + "|mlp\\.((experts\\.\\d+|shared_experts?)\\.)?(gate_proj|up_proj|down_proj)"
              + "|(input|post_attention)_layernorm)(\\.weight|\\.bias)?");

  /// Rows or columns of a tensor.
  ///
  /// @param channels the channel of each row or column, -1 for none
  public record Part(String tensor, boolean rows, int[] channels) {}

  /// @param stream sites with the same one have their outliers in the same channels
  /// @param width channels
  /// @param makers what is multiplied
  /// @param readers what is divided
  public record Site(
      String name, String stream, int width, List<Part> makers, List<Part> readers) {}

  private final Map<String, Tensor> tensors;
  private final JsonNode config;
  private final List<Site> sites = new ArrayList<>();

  private OutlierSites(Map<String, Tensor> tensors, JsonNode config) {
    this.tensors = tensors;
    this.config = config;
  }

  /// All sites of a checkpoint.
  ///
  /// @throws IllegalArgumentException for a checkpoint whose layers have other tensors than those
  ///   known here, which might read what is scaled
  public static List<Site> of(RawCheckpoint checkpoint, JsonNode config) {
    TreeSet<String> layers = new TreeSet<>();
    for (String name : checkpoint.tensors().keySet()) {
      Matcher m = LAYER.matcher(name);
      if (m.matches()) {
        layers.add(m.group(1));
        if (!KNOWN.matcher(name.substring(m.end(1))).matches()) {
          throw new IllegalArgumentException("what does " + name + " read?");
        }
      }
    }
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("knows no layers among " + checkpoint.tensors().keySet());
    }
    OutlierSites found = new OutlierSites(checkpoint.tensors(), config);
    layers.forEach(found::layer);
    return found.sites;
  }

  private void layer(String p) {
    String attention = p + "self_attn.";
    norm(
        p + "input_layernorm",
        "hidden",
        suffixed(attention, "q_proj", "k_proj", "v_proj", "q_a_proj", "kv_a_proj_with_mqa"));
    norm(attention + "q_a_layernorm", attention + "q", suffixed(attention, "q_b_proj"));
    norm(attention + "kv_a_layernorm", attention + "kv", suffixed(attention, "kv_b_proj"));
    values(attention);
    List<String> mlps = mlps(p + "mlp.");
    List<String> readers = suffixed(p + "mlp.", "gate", "shared_expert_gate");
    mlps.forEach(m -> readers.addAll(suffixed(m, "gate_proj", "up_proj")));
    norm(p + "post_attention_layernorm", "hidden", readers);
    mlps.forEach(this::inner);
  }

  private List<String> mlps(String p) {
    return tensors.keySet().stream()
        .filter(n -> n.startsWith(p) && n.endsWith("down_proj.weight"))
        .map(n -> n.substring(0, n.length() - "down_proj.weight".length()))
        .toList();
  }

  private List<String> suffixed(String p, String... modules) {
    List<String> all = new ArrayList<>();
    for (String m : modules) {
      if (tensors.containsKey(p + m + ".weight")) {
        all.add(p + m);
      }
    }
    return all;
  }

  private void norm(String norm, String stream, List<String> readers) {
    if (!tensors.containsKey(norm + ".weight") || readers.isEmpty()) {
      return;
    }
    int width = length(norm, 0);
    sites.add(
        new Site(
            norm,
            stream,
            width,
            rows(norm, width, c -> c),
            readers.stream().map(r -> columns(r, width, c -> c)).toList()));
  }

  /// What lies between up and down: `down(act(gate x) * (up x))` is linear in up.
  private void inner(String mlp) {
    int width = length(mlp + "up_proj", 0);
    sites.add(
        new Site(
            mlp + "inner",
            mlp,
            width,
            rows(mlp + "up_proj", width, c -> c),
            List.of(columns(mlp + "down_proj", width, c -> c))));
  }

  /// What attention mixes, per head of the values; query heads read those of their group. With
  /// differential attention a norm lies between.
  private void values(String p) {
    if (tensors.containsKey(p + "lambda_q1")) {
      return;
    }
    int heads = config.get("num_attention_heads").asInt();
    int mixed = length(p + "o_proj", 1);
    int width = mixed / heads;
    if (tensors.containsKey(p + "kv_b_proj.weight")) {
      int up = length(p + "kv_b_proj", 0);
      int key = up / heads - width;
      sites.add(
          new Site(
              p + "values",
              p + "values",
              mixed,
              rows(
                  p + "kv_b_proj",
                  up,
                  r -> {
                    int in = r % (key + width) - key;
                    return in < 0 ? -1 : r / (key + width) * width + in;
                  }),
              List.of(columns(p + "o_proj", mixed, c -> c))));
      return;
    }
    int made = length(p + "v_proj", 0);
    int group = mixed / made;
    sites.add(
        new Site(
            p + "values",
            p + "values",
            made,
            rows(p + "v_proj", made, c -> c),
            List.of(columns(p + "o_proj", mixed, c -> c / width / group * width + c % width))));
  }

  private List<Part> rows(String module, int rows, IntUnaryOperator channel) {
    int[] channels = IntStream.range(0, rows).map(channel).toArray();
    List<Part> parts = new ArrayList<>();
    parts.add(new Part(module + ".weight", true, channels));
    if (tensors.containsKey(module + ".bias")) {
      parts.add(new Part(module + ".bias", true, channels));
    }
    return parts;
  }

  private static Part columns(String module, int columns, IntUnaryOperator channel) {
    return new Part(module + ".weight", false, IntStream.range(0, columns).map(channel).toArray());
  }

  private int length(String module, int dimension) {
    return Math.toIntExact(tensors.get(module + ".weight").shape().get(dimension));
  }
}
