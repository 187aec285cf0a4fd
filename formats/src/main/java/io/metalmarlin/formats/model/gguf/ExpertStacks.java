package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The experts of gpt-oss, whose gate and up take turns: all of a layer in one tensor,
/// `gate_up_proj` `[E, in, 2 ff]` and `down_proj` `[E, ff, in]` with biases beside them, or packed,
/// one by one, `E.gate_up_proj` `[2 ff, in]`. In files gate, up and down are stacks `[E, out, in]`.
final class ExpertStacks {
  private static final Pattern STACK =
      Pattern.compile("mlp\\.experts\\.(gate_up|down)_proj(_bias)?");
  private static final Pattern ONE =
      Pattern.compile("mlp\\.experts\\.(\\d{1,6})\\.gate_up_proj\\.weight");
  private static final List<String> GATE_UP = List.of("gate", "up");

  private final int count;
  private final Map<Integer, Map<Integer, TensorInfo>> single = new TreeMap<>();

  /// @param count of experts in a layer
  ExpertStacks(int count) {
    this.count = count;
  }

  /// Takes a tensor of a layer that belongs to its experts; what becomes of it at once.
  ///
  /// @param name inside the layer
  /// @return empty for any other tensor, which stays the caller's
  Optional<List<GgufTarget>> take(int layer, String name, TensorInfo t) {
    Matcher one = ONE.matcher(name);
    if (one.matches()) {
      int expert = Integer.parseInt(one.group(1));
      single.computeIfAbsent(layer, l -> new TreeMap<>()).put(expert, t);
      return Optional.of(List.of());
    }
    Matcher stack = STACK.matcher(name);
    if (!stack.matches()) {
      return Optional.empty();
    }
    boolean bias = stack.group(2) != null;
    List<Long> shape = t.shape();
    int parts = stack.group(1).equals("down") ? 1 : 2;
    boolean sound =
        shape.size() == (bias ? 2 : 3)
            && shape.getFirst() == count
            && shape.getLast() % parts == 0
            && t.elements() <= Integer.MAX_VALUE - 8;
    if (!sound) {
      throw cannot(t, "has shape " + shape + ", no stack of " + count + " experts");
    }
    List<GgufTarget> targets = new ArrayList<>();
    long out = shape.getLast() / parts;
    List<Long> stored =
        bias ? List.of((long) count, out) : List.of((long) count, out, shape.get(1));
    for (int part = 0; part < parts; part++) {
      String kind = parts == 1 ? "down" : GATE_UP.get(part);
      String target = stem(layer, kind) + (bias ? ".bias" : ".weight");
      RowMove move = new RowMove.Experts(count, Math.toIntExact(out), parts, part);
      targets.add(
          new GgufTarget(target, stored, List.of(t.name()), move, false, bias, Optional.empty()));
    }
    return Optional.of(targets);
  }

  /// What becomes of the experts that came one by one.
  List<GgufTarget> rest() {
    List<GgufTarget> targets = new ArrayList<>();
    single.forEach((layer, experts) -> {
      TensorInfo first = experts.values().iterator().next();
      boolean alike = experts.values().stream().allMatch(t -> t.shape().equals(first.shape()));
      if (experts.size() != count || !alike || first.shape().getFirst() % 2 != 0) {
        throw cannot(
            first,
            "is one of %d experts, the configuration has %d".formatted(experts.size(), count));
      }
      List<String> sources = experts.values().stream().map(TensorInfo::name).toList();
      List<Long> shape =
          List.of((long) count, first.shape().getFirst() / 2, first.shape().getLast());
      for (int part = 0; part < 2; part++) {
        targets.add(
            new GgufTarget(
                stem(layer, GATE_UP.get(part)) + ".weight",
                shape,
                sources,
                new RowMove.Alternating(2, part),
                false,
                false,
                Optional.empty()));
      }
    });
    return targets;
  }

  private static String stem(int layer, String kind) {
    return "blk." + layer + ".ffn_" + kind + "_exps";
  }

  private static MarlinException cannot(TensorInfo t, String what) {
    return new MarlinException(
        ErrorCode.TARGET_CANNOT,
        t.name(),
        what,
        "The checkpoint belongs to another config.json, or is too large to be turned; convert from"
            + " the published MXFP4 checkpoint.");
  }
}
