package io.metalmarlin.runtime.model;

import io.metalmarlin.formats.model.ModuleNames;
import io.metalmarlin.formats.model.WeightId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// The declaration of a model: what it computes with which weights, read by the decoder and by the
/// planner alike. Built by an [Architecture] from a configuration; holds no tensor.
///
/// @param family the `model_type`
/// @param maxPositions longest context the configuration allows
/// @param buffers regular expressions of whole tensor names that a checkpoint may hold and nothing
///   reads (masks, constants)
public record ModelSpec(
    String family,
    int hidden,
    int vocabulary,
    int maxPositions,
    Embedding embedding,
    List<Block> blocks,
    Optional<Norm> finalNorm,
    Head head,
    ModuleNames names,
    List<String> buffers) {
  public ModelSpec {
    blocks = List.copyOf(blocks);
    buffers = List.copyOf(buffers);
  }

  /// From token ids to the first hidden state: `norm(projection(scale * table[id]) +
  /// positions[position + offset])`.
  ///
  /// @param table `[vocabulary, width]`, read by rows; the width is the hidden state's unless there
  ///   is a projection
  /// @param scale factor of the token's row
  /// @param projection to the width of the hidden state
  /// @param positions learned positions, of families that have them
  public record Embedding(
      Linear table,
      float scale,
      Optional<Linear> projection,
      Optional<Positions> positions,
      Optional<Norm> norm) {
    /// Learned positions: row `position + offset` of a table.
    public record Positions(Linear table, int offset) {}
  }

  /// From the last hidden state to logits: `softcap(scale * head(projection(x)))`.
  ///
  /// @param projection to the width of the embedding, where that is another
  /// @param tied the matrix is the embedding's
  /// @param softcap logits are `softcap * tanh(logits / softcap)`; 0 for none
  public record Head(
      Optional<Linear> projection, Linear linear, boolean tied, float scale, float softcap) {}

  /// One decoder block: its branches one after the other, each on the hidden state that the one
  /// before left; in parallel, all on the state before the block, their results summed.
  public record Block(int index, List<Branch> branches, boolean parallel) {
    public Block {
      branches = List.copyOf(branches);
    }

    /// The block's linear layers in the order in which they run. Input groups and fuse groups are
    /// unique within a block.
    public List<Linear> linears() {
      return branches.stream().flatMap(b -> b.mixer().linears().stream()).toList();
    }

    /// This block with other mixers.
    public Block mixers(UnaryOperator<Mixer> change) {
      return new Block(
          index, branches.stream().map(b -> b.with(change.apply(b.mixer()))).toList(), parallel);
    }

    /// Every tensor beside the matrices.
    public List<Parameter> parameters() {
      List<Parameter> all = new ArrayList<>();
      for (Branch b : branches) {
        b.norms().forEach(n -> all.addAll(n.parameters()));
        all.addAll(b.mixer().parameters());
        b.mixer().linears().forEach(l -> l.biasParameter().ifPresent(all::add));
      }
      return all;
    }
  }

  /// One branch of a block around the residual stream: `x = sum(residualScale * r + updateScale *
  /// after(mixer(before(x))))`, where `r` is `x` or, with `normedResidual`, `before(x)`.
  ///
  /// @param before norm of the input
  /// @param after norm of the result, before it is added
  /// @param sum norm of the sum (OPT with `do_layer_norm_before` off)
  public record Branch(
      Optional<Norm> before,
      Mixer mixer,
      Optional<Norm> after,
      Optional<Norm> sum,
      boolean normedResidual,
      float residualScale,
      float updateScale) {
    /// `x += mixer(before(x))`.
    public static Branch pre(Norm before, Mixer mixer) {
      return new Branch(
          Optional.of(before), mixer, Optional.empty(), Optional.empty(), false, 1, 1);
    }

    /// `x += after(mixer(x))`.
    public static Branch post(Mixer mixer, Norm after) {
      return new Branch(Optional.empty(), mixer, Optional.of(after), Optional.empty(), false, 1, 1);
    }

    /// `x = sum(x + mixer(x))`.
    public static Branch summed(Mixer mixer, Norm sum) {
      return new Branch(Optional.empty(), mixer, Optional.empty(), Optional.of(sum), false, 1, 1);
    }

    /// `x += after(mixer(before(x)))`.
    public static Branch sandwich(Norm before, Mixer mixer, Norm after) {
      return new Branch(
          Optional.of(before), mixer, Optional.of(after), Optional.empty(), false, 1, 1);
    }

    /// This branch with factors of the two summands.
    public Branch scaled(float residual, float update) {
      return new Branch(before, mixer, after, sum, normedResidual, residual, update);
    }

    /// This branch with the normed input as its residual.
    public Branch withNormedResidual() {
      return new Branch(before, mixer, after, sum, true, residualScale, updateScale);
    }

    /// This branch around another mixer.
    public Branch with(Mixer other) {
      return new Branch(before, other, after, sum, normedResidual, residualScale, updateScale);
    }

    List<Norm> norms() {
      return Stream.of(before, after, sum).flatMap(Optional::stream).toList();
    }
  }

  /// A matrix product `y = x W' (+ b)`, `W` is `[out, in]`.
  ///
  /// @param layout how the checkpoint stores the matrix
  /// @param inputGroup linears of a block with the same group have the same input and so share its
  ///   statistics
  /// @param fuseGroup linears of a block with the same group are fused by runtimes and so share one
  ///   tensor scale; a name of its own where nothing is fused
  /// @param exact left in the source's type by every recipe (routers)
  public record Linear(
      WeightId id,
      int out,
      int in,
      boolean bias,
      Layout layout,
      String inputGroup,
      String fuseGroup,
      boolean exact) {
    /// A plainly stored linear that may be quantized.
    public Linear(WeightId id, int out, int in, boolean bias, String inputGroup, String fuseGroup) {
      this(id, out, in, bias, Layout.PLAIN, inputGroup, fuseGroup, false);
    }

    /// The same, stored otherwise.
    public Linear stored(Layout other) {
      return new Linear(id, out, in, bias, other, inputGroup, fuseGroup, exact);
    }

    /// The same, never quantized.
    public Linear kept() {
      return new Linear(id, out, in, bias, layout, inputGroup, fuseGroup, true);
    }

    /// The tensor of the bias, if there is one.
    public Optional<Parameter> biasParameter() {
      return bias ? Optional.of(layout.bias(id, out)) : Optional.empty();
    }
  }

  /// A tensor that is no matrix of a product: of a norm, a bias, attention sinks.
  ///
  /// @param suffix what follows the module's name, `.weight`; empty where the module is the tensor
  /// @param shape as stored
  /// @param slice which part along the first dimension, or -1 for the whole tensor
  /// @param part which of the values there
  public record Parameter(
      WeightId id, String suffix, List<Long> shape, int slice, Layout.Part part) {
    public Parameter {
      shape = List.copyOf(shape);
    }

    public Parameter(WeightId id, String suffix, long... shape) {
      this(id, suffix, java.util.Arrays.stream(shape).boxed().toList(), -1, Layout.Part.ALL);
    }

    /// Values that are read.
    public int size() {
      long n = shape.stream().skip(slice < 0 ? 0 : 1).reduce(1L, (a, b) -> a * b);
      return Math.toIntExact(n / part.count());
    }
  }

  /// This declaration with other blocks and names.
  public ModelSpec with(List<Block> otherBlocks, ModuleNames otherNames) {
    return with(otherBlocks, head, otherNames);
  }

  /// This declaration with another head.
  public ModelSpec with(Head other) {
    return with(blocks, other, names);
  }

  private ModelSpec with(List<Block> otherBlocks, Head otherHead, ModuleNames otherNames) {
    return new ModelSpec(
        family,
        hidden,
        vocabulary,
        maxPositions,
        embedding,
        otherBlocks,
        finalNorm,
        otherHead,
        otherNames,
        buffers);
  }

  /// Every linear layer of every block, in running order; the head is not among them.
  public List<Linear> linears() {
    return blocks.stream().flatMap(b -> b.linears().stream()).toList();
  }

  /// The linear layers outside of the blocks that stay as they are whatever a recipe says: those
  /// between the hidden state and an embedding of another width.
  public List<Linear> projections() {
    return Stream.of(embedding.projection(), head.projection()).flatMap(Optional::stream).toList();
  }

  /// Every matrix: the embedding, the blocks' linears, projections, a head of its own.
  public List<Linear> matrices() {
    List<Linear> all = new ArrayList<>();
    all.add(embedding.table());
    embedding.positions().ifPresent(p -> all.add(p.table()));
    all.addAll(projections());
    all.addAll(linears());
    if (!head.tied()) {
      all.add(head.linear());
    }
    return all;
  }

  /// Every tensor beside the matrices.
  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>();
    embedding.norm().ifPresent(n -> all.addAll(n.parameters()));
    blocks.forEach(b -> all.addAll(b.parameters()));
    finalNorm.ifPresent(n -> all.addAll(n.parameters()));
    head.linear().biasParameter().ifPresent(all::add);
    return all;
  }

  /// The module of a matrix; of a tied head the embedding's.
  public String module(Linear l) {
    boolean tied = head.tied() && l.id().equals(head.linear().id());
    return names.module(tied ? embedding.table().id() : l.id());
  }

  /// The tensor in which a dense matrix is stored, alone or stacked with others.
  public String tensor(Linear l) {
    String holder = l.layout().stack() > 0 ? names.stack(l.id()) : module(l);
    return holder + l.layout().weight();
  }

  /// The tensor of a parameter, or of the stack that holds it.
  public String tensor(Parameter p) {
    return (p.slice() < 0 ? names.module(p.id()) : names.stack(p.id())) + p.suffix();
  }

  /// Whether a decoder can run it; false for a family of which only names and shapes are known.
  public boolean runnable() {
    return blocks.stream()
        .flatMap(b -> b.branches().stream())
        .noneMatch(b -> b.mixer() instanceof Unknown);
  }
}
