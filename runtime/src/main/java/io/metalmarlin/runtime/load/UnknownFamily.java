package io.metalmarlin.runtime.load;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.ModuleNames;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Block;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.ModelSpec.Embedding;
import io.metalmarlin.runtime.model.ModelSpec.Head;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.Unknown;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The declaration of a family that is not known, made from names and shapes: every matrix
/// `...<layers>.N.<module>.weight` is a linear of block N. It can be rounded and converted, not
/// run.
///
/// Matrices that are no linear layers are told by their names: routers and convolutions stay in
/// their type, as loaders expect.
final class UnknownFamily {
  private static final Pattern IN_BLOCK =
      Pattern.compile("((?:.*\\.)?(?:layers|h|blocks|block))\\.(\\d+)\\.(.+)\\.weight");
  private static final Pattern EXACT =
      Pattern.compile("(.*\\.)?(gate|router|shared_expert_gate|wte|wpe|embed\\w*)(\\.\\w+)?");
  private static final Set<DType> FLOATING = Set.of(DType.BF16, DType.F16, DType.F32);

  private final ModelConfig config;
  private final Checkpoint checkpoint;
  private final List<String> modules = new ArrayList<>();
  private final SortedMap<Integer, List<Linear>> blocks = new TreeMap<>();

  private UnknownFamily(ModelConfig config, Checkpoint checkpoint) {
    this.config = config;
    this.checkpoint = checkpoint;
  }

  static ModelSpec describe(
      ModelConfig config, Checkpoint checkpoint, Map<String, PackedModule> packed) {
    return new UnknownFamily(config, checkpoint).make(packed);
  }

  private ModelSpec make(Map<String, PackedModule> packed) {
    packed.values().forEach(m -> add(m.stem() + ".weight", m.rows(), m.cols()));
    for (TensorInfo t : checkpoint.tensors().values()) {
      if (t.shape().size() == 2 && FLOATING.contains(t.dtype())) {
        add(t.name(), Math.toIntExact(t.shape().get(0)), Math.toIntExact(t.shape().get(1)));
      }
    }
    List<Block> list = new ArrayList<>();
    int count = blocks.isEmpty() ? 0 : blocks.lastKey() + 1;
    for (int b = 0; b < count; b++) {
      Branch only =
          new Branch(
              Optional.empty(),
              new Unknown(blocks.getOrDefault(b, List.of())),
              Optional.empty(),
              Optional.empty(),
              false,
              1,
              1);
      list.add(new Block(b, List.of(only), false));
    }
    int hidden = config.integer("hidden_size").orElse(1);
    int vocabulary = config.integer("vocab_size").orElse(1);
    return new ModelSpec(
        config.modelType(),
        hidden,
        vocabulary,
        config.integer("max_position_embeddings").orElse(2048),
        new Embedding(
            outside(Role.EMBEDDING, vocabulary, hidden),
            1,
            Optional.empty(),
            Optional.empty(),
            Optional.empty()),
        list,
        Optional.empty(),
        new Head(
            Optional.empty(),
            outside(Role.HEAD, vocabulary, hidden),
            config.flag("tie_word_embeddings", false),
            1,
            0),
        names(),
        List.of(".*"));
  }

  private static Linear outside(Role role, int out, int in) {
    String name = role.name().toLowerCase();
    return new Linear(WeightId.outside(role), out, in, false, name, name);
  }

  private void add(String tensor, int rows, int cols) {
    Matcher m = IN_BLOCK.matcher(tensor);
    if (!m.matches()) {
      return;
    }
    int layer = Integer.parseInt(m.group(2));
    WeightId id = new WeightId(layer, Role.UNKNOWN, modules.size());
    modules.add(tensor.substring(0, tensor.length() - ".weight".length()));
    String path = m.group(3);
    // Two towers have blocks of the same number and modules of the same name.
    String place = m.group(1) + "." + path;
    Linear l = new Linear(id, rows, cols, false, place, fuseGroup(place));
    boolean exact = EXACT.matcher(path).matches();
    blocks.computeIfAbsent(layer, n -> new ArrayList<>()).add(exact ? l.kept() : l);
  }

  /// Runtimes fuse q, k and v, and gate and up, wherever they stand.
  private static String fuseGroup(String path) {
    return path.replaceFirst("\\b[qkv]_proj$", "qkv")
        .replaceFirst("\\b(gate|up)_proj$", "gate_up")
        .replaceFirst("\\bw[13]$", "w13");
  }

  private ModuleNames names() {
    List<String> all = List.copyOf(modules);
    return id ->
        switch (id.role()) {
          case EMBEDDING -> "model.embed_tokens";
          case HEAD -> "lm_head";
          default -> all.get(id.expert());
        };
  }
}
