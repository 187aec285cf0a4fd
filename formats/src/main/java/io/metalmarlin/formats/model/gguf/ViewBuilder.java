package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.gguf.GgufCheckpoint;
import io.metalmarlin.formats.container.gguf.GgufMetadata;
import io.metalmarlin.formats.model.gguf.GgufFamily.Trait;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// Finds the Hugging Face tensors in a GGUF file.
final class ViewBuilder {
  /// Far above any model; a number in a file must not decide how many names are made.
  private static final int MOST_EXPERTS = 1 << 14;

  private static final int MOST_TENSORS = 1 << 18;

  private static final String SINKS = ".attn_sinks";

  private static final String EXPERT_BIAS = ".exp_probs_b.bias";

  private final GgufCheckpoint file;
  private final GgufFamily family;
  private final GgufNames names;
  private final SequencedMap<String, ViewedTensor> out = new LinkedHashMap<>();

  ViewBuilder(GgufCheckpoint file) {
    this.file = file;
    this.family = GgufFamilies.of(file.typedMetadata());
    this.names = new GgufNames(family, file.tensors().keySet());
  }

  SequencedMap<String, ViewedTensor> build() {
    for (TensorInfo t : file.tensors().values()) {
      if (t.dtype().isActivation()) {
        throw new MarlinException(
            ErrorCode.REFUSED_FORMAT,
            file.file(t.name()) + ": " + t.name(),
            "is of type " + t.dtype() + ", which is for intermediate results, not for weights",
            "Make the file again with a type that `marlin formats` lists.");
      }
      if (!RopeFactors.TENSORS.contains(t.name())) {
        add(t);
      }
    }
    return out;
  }

  private void add(TensorInfo t) {
    int dot = t.name().lastIndexOf('.');
    String stem = dot < 0 ? t.name() : t.name().substring(0, dot);
    Optional<String> suffix = suffix(t.name().substring(dot + 1));
    Optional<GgufNames.Experts> experts = GgufNames.experts(stem);
    Optional<String> module = names.module(stem);
    if (family.is(Trait.LATENT) && isLatentHalf(stem)) {
      addLatent(t, stem);
    } else if (t.name().startsWith("blk.") && t.name().endsWith(EXPERT_BIAS)) {
      String layer = stem.substring("blk.".length(), stem.indexOf('.', "blk.".length()));
      put(t, names.inLayer(Integer.parseInt(layer), "mlp.gate.e_score_correction_bias"));
    } else if (stem.endsWith(SINKS)) {
      put(t, names.inLayer(names.layer(t.name()), "self_attn.sinks"));
    } else if (suffix.isPresent() && experts.isPresent()) {
      addExperts(t, experts.get(), suffix.get());
    } else if (suffix.isPresent() && module.isPresent()) {
      addModule(t, module.get(), suffix.get());
    } else {
      put(t, t.name());
    }
  }

  private static boolean isLatentHalf(String stem) {
    return stem.endsWith(".attn_k_b") || stem.endsWith(".attn_v_b");
  }

  /// The matrix of both halves takes the place of the first; what does not fit together, or has a
  /// scale of its own, stays as it is.
  private void addLatent(TensorInfo t, String stem) {
    String block = stem.substring(0, stem.lastIndexOf('.'));
    TensorInfo keys = file.tensors().get(block + ".attn_k_b.weight");
    TensorInfo values = file.tensors().get(block + ".attn_v_b.weight");
    boolean scaled =
        file.tensors().containsKey(block + ".attn_k_b.scale")
            || file.tensors().containsKey(block + ".attn_v_b.scale");
    if (keys == null || values == null || scaled || !LatentTensor.fits(keys, values)) {
      put(t, t.name());
      return;
    }
    String name = names.inLayer(names.layer(t.name()), "self_attn.kv_b_proj.weight");
    if (!out.containsKey(name)) {
      put(LatentTensor.of(name, keys, values));
    }
  }

  private static Optional<String> suffix(String gguf) {
    return switch (gguf) {
      case "weight" -> Optional.of(".weight");
      case "bias" -> Optional.of(".bias");
      case "scale" -> Optional.of(".weight_scale_2");
      case "input_scale" -> Optional.of(".input_scale");
      default -> Optional.empty();
    };
  }

  private void addModule(TensorInfo t, String module, String suffix) {
    boolean rows = suffix.equals(".weight") || suffix.equals(".bias");
    Optional<RowOrder> order = rows ? order(t) : Optional.empty();
    boolean minusOne =
        family.is(Trait.NORMS_PLUS_ONE) && module.endsWith("norm") && suffix.equals(".weight");
    if (minusOne && t.dtype() != DType.F32) {
      throw mismatch(t, "is " + t.dtype() + ", norms of " + family.architecture() + " are F32");
    }
    boolean turned =
        family.is(Trait.TRANSPOSED)
            && t.name().startsWith("blk.")
            && t.shape().size() == 2
            && !t.dtype().isBlock();
    TensorInfo info =
        new TensorInfo(module + suffix, t.dtype(), turned ? t.shape().reversed() : t.shape());
    put(new StoredTensor(info, t.name(), 0, order, minusOne, turned));
  }

  private Optional<RowOrder> order(TensorInfo t) {
    GgufMetadata m = file.typedMetadata();
    String key = family.architecture() + ".attention.head_count";
    long heads = m.whole(key).orElse(0);
    long kvHeads = m.whole(key + "_kv").orElse(heads);
    String stem = t.name().substring(0, t.name().lastIndexOf('.'));
    Optional<RowOrder> order = family.order(stem, narrow(heads), narrow(kvHeads));
    long rows = t.shape().isEmpty() ? 1 : t.shape().getFirst();
    if (order.isPresent() && !order.get().fits(rows)) {
      throw mismatch(t, "has " + rows + " rows, which do not fit " + order.get());
    }
    return order;
  }

  private static int narrow(long heads) {
    return (int) Math.clamp(heads, 0, 1 << 20);
  }

  /// One tensor per expert; stacked gates and ups, gates first, become two. One scale per expert
  /// counts for both.
  private void addExperts(TensorInfo t, GgufNames.Experts stack, String suffix) {
    List<String> parts =
        stack.projection().equals("gate_up_proj")
            ? List.of("gate_proj", "up_proj")
            : List.of(stack.projection());
    boolean matrices = suffix.equals(".weight");
    List<Long> shape = new ArrayList<>(t.shape());
    long count = shape.isEmpty() ? 0 : shape.removeFirst();
    if (count != experts()
        || shape.size() != (matrices ? 2 : suffix.equals(".bias") ? 1 : 0)
        || !shape.isEmpty() && shape.getFirst() % parts.size() != 0) {
      throw mismatch(t, "has shape " + t.shape() + ", no stack of " + experts() + " experts");
    }
    if (shape.isEmpty()) {
      shape.add(1L);
    } else {
      shape.set(0, shape.getFirst() / parts.size());
    }
    long begin = 0;
    for (int expert = 0; expert < count; expert++) {
      for (String part : parts) {
        TensorInfo info =
            new TensorInfo(names.expertModule(stack, expert, part) + suffix, t.dtype(), shape);
        put(StoredTensor.slice(info, t.name(), begin));
        begin += matrices || part.equals(parts.getLast()) ? info.byteSize() : 0;
      }
    }
  }

  private long experts() {
    long count = file.typedMetadata().whole(family.architecture() + ".expert_count").orElse(0);
    return Math.clamp(count, 0, MOST_EXPERTS);
  }

  private void put(TensorInfo t, String name) {
    put(StoredTensor.same(new TensorInfo(name, t.dtype(), t.shape()), t.name()));
  }

  private void put(ViewedTensor v) {
    if (out.size() == MOST_TENSORS) {
      throw new MarlinException(
          ErrorCode.REFUSED_FORMAT,
          file.file(v.source()) + ": " + v.source(),
          "stands for more than " + MOST_TENSORS + " tensors together with those before it",
          "The file is damaged; fetch it again.");
    }
    if (out.putIfAbsent(v.info().name(), v) != null) {
      throw new MarlinException(
          ErrorCode.TENSOR_MISMATCH,
          file.file(v.source()) + ": " + v.source(),
          "stands for " + v.info().name() + ", and another tensor does so too",
          "Make the file again with a current converter.");
    }
  }

  private MarlinException mismatch(TensorInfo t, String what) {
    return new MarlinException(
        ErrorCode.TENSOR_MISMATCH,
        file.file(t.name()) + ": " + t.name(),
        what,
        "Make the file again with a current converter.");
  }
}
