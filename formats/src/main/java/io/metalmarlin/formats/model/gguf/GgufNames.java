package io.metalmarlin.formats.model.gguf;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Module names of one family, GGUF to Hugging Face and back. Stacked experts are one module in
/// GGUF and many in Hugging Face; both ways lead through [Experts].
///
/// `blk.3.attn_q` is `model.layers.3.self_attn.q_proj`, `blk.3.ffn_gate_exps` is
/// `model.layers.3.mlp.experts.*.gate_proj`.
public final class GgufNames {
  /// The stacked experts of one projection of one layer.
  ///
  /// @param layer 0-based
  /// @param projection `gate_proj`, `up_proj`, `down_proj`, or `gate_up_proj` where both are in one
  public record Experts(int layer, String projection) {
    /// The GGUF stem of the stack.
    public String stem() {
      return "blk." + layer + ".ffn_" + projection.replace("_proj", "") + "_exps";
    }
  }

  private static final Pattern BLOCK = Pattern.compile("blk\\.(\\d{1,6})\\.(.+)");
  private static final Pattern STACK = Pattern.compile("ffn_(gate|up|down|gate_up)_exps");

  private final FamilyNames names;
  private final Pattern layer;
  private final Pattern expert;
  private final Map<String, String> toHuggingFace;
  private final Map<String, String> toGguf = new HashMap<>();
  private final List<String> order;

  /// The names of a checkpoint's modules.
  public GgufNames(GgufFamily family) {
    this(family, Set.of());
  }

  /// The names of a file's modules.
  ///
  /// @param tensors of the file: one that ends in `_2` says that another module takes the place of
  ///   the stem without it
  GgufNames(GgufFamily family, Set<String> tensors) {
    this.names = family.names();
    String rest = names.layers().substring(names.root().length());
    this.layer =
        Pattern.compile(
            "(?:" + Pattern.quote(names.root()) + ")?" + Pattern.quote(rest) + "(\\d{1,6})\\.(.+)");
    this.expert =
        Pattern.compile(
            Pattern.quote(names.experts())
                + "(\\d{1,6})\\.("
                + String.join("|", names.parts())
                + ")");
    this.toHuggingFace = new HashMap<>(names.blocks());
    this.order = names.order();
    names.blocks().forEach((stem, module) -> toGguf.put(module, stem));
    names
        .also()
        .forEach((module, stem) -> {
          toGguf.put(module, stem);
          if (tensors.contains("blk.0." + stem + "_2.weight")) {
            toHuggingFace.put(stem, module);
          }
        });
  }

  /// The Hugging Face module of a GGUF stem (a tensor's name without `.weight`), if there is one.
  public Optional<String> module(String stem) {
    Matcher m = BLOCK.matcher(stem);
    return m.matches()
        ? Optional.ofNullable(toHuggingFace.get(m.group(2)))
            .map(name -> names.layers() + m.group(1) + "." + name)
        : Optional.ofNullable(names.outside().get(stem));
  }

  /// The GGUF stem of a Hugging Face module, if there is one; an expert has none of its own.
  public Optional<String> stem(String module) {
    Matcher m = layer.matcher(module);
    if (m.matches()) {
      return Optional.ofNullable(toGguf.get(m.group(2)))
          .map(name -> "blk." + m.group(1) + "." + name);
    }
    for (Map.Entry<String, String> e : names.outside().entrySet()) {
      if (e.getValue().equals(module) || e.getValue().equals(names.root() + module)) {
        return Optional.of(e.getKey());
      }
    }
    return Optional.ofNullable(names.also().get(module)).filter(names.outside()::containsKey);
  }

  /// What a GGUF stem stacks, if it is the stem of stacked experts.
  public static Optional<Experts> experts(String stem) {
    Matcher block = BLOCK.matcher(stem);
    if (!block.matches()) {
      return Optional.empty();
    }
    Matcher stack = STACK.matcher(block.group(2));
    return stack.matches()
        ? Optional.of(new Experts(Integer.parseInt(block.group(1)), stack.group(1) + "_proj"))
        : Optional.empty();
  }

  /// The stack to which a Hugging Face module belongs, if it is an expert.
  public Optional<Experts> expertsOf(String module) {
    return inExpert(module).map(m -> new Experts(layer(module), names.projection(m.group(2))));
  }

  /// The number of an expert's module, one for which [#expertsOf] has an answer.
  public int expert(String module) {
    return inExpert(module)
        .map(m -> Integer.parseInt(m.group(1)))
        .orElseThrow(() -> new IllegalArgumentException(module + " is no expert"));
  }

  private Optional<Matcher> inExpert(String module) {
    Matcher m = layer.matcher(module);
    if (!m.matches()) {
      return Optional.empty();
    }
    return Optional.of(expert.matcher(m.group(2))).filter(Matcher::matches);
  }

  /// The module of one expert of a stack.
  ///
  /// @param projection that of the stack, or one of two that it holds
  String expertModule(Experts stack, int number, String projection) {
    return names.layers()
        + stack.layer()
        + "."
        + names.experts()
        + number
        + "."
        + names.part(projection);
  }

  /// The layer in a Hugging Face or GGUF name, or -1 outside the layers.
  int layer(String name) {
    for (Pattern pattern : List.of(layer, BLOCK)) {
      Matcher m = pattern.matcher(name);
      if (m.matches()) {
        return Integer.parseInt(m.group(1));
      }
    }
    return -1;
  }

  /// What a Hugging Face name says behind the number of its layer.
  String within(String name) {
    Matcher m = layer.matcher(name);
    return m.matches() ? m.group(2) : name;
  }

  /// A Hugging Face name inside a layer.
  String inLayer(int number, String name) {
    return names.layers() + number + "." + name;
  }

  /// Where a tensor stands in a file: embedding, rotary factors, blocks, last norm, head.
  int rank(String tensor) {
    int in = layer(tensor);
    if (in >= 0) {
      String name = tensor.substring(tensor.indexOf('.', "blk.".length()) + 1);
      int at = order.indexOf(name.substring(0, Math.max(name.lastIndexOf('.'), 0)));
      return 2 + in * (order.size() + 1) + (at < 0 ? order.size() : at);
    }
    return switch (tensor.substring(0, Math.max(tensor.lastIndexOf('.'), 0))) {
      case "token_embd", "position_embd", "token_embd_norm" -> 0;
      case "output_norm" -> Integer.MAX_VALUE - 1;
      case "output" -> Integer.MAX_VALUE;
      default -> 1;
    };
  }
}
