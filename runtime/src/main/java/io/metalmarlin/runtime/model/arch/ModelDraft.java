package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.ModuleNames;
import io.metalmarlin.formats.model.NameTable;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Block;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.ModelSpec.Embedding;
import io.metalmarlin.runtime.model.ModelSpec.Embedding.Positions;
import io.metalmarlin.runtime.model.ModelSpec.Head;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.Norm;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/// A [ModelSpec] in the making: what surrounds the blocks as in Llama until told otherwise.
final class ModelDraft {
  private final String family;
  private final Sizes sizes;
  private ModuleNames names = NameTable.LLAMA;
  private boolean tied;
  private float embeddingScale = 1;
  private Optional<Positions> positions = Optional.empty();
  private int embeddingWidth;
  private Optional<Norm> embeddingNorm = Optional.empty();
  private Optional<Norm> finalNorm;
  private boolean headBias;
  private float logitScale = 1;
  private float logitSoftcap;
  private List<String> buffers = List.of();
  private final List<Block> blocks = new ArrayList<>();

  /// @param tiedByDefault what a missing `tie_word_embeddings` means
  ModelDraft(ModelConfig config, Sizes sizes, boolean tiedByDefault) {
    this.family = config.modelType();
    this.sizes = sizes;
    this.embeddingWidth = sizes.hidden();
    this.tied = config.flag("tie_word_embeddings", tiedByDefault);
    this.finalNorm =
        Optional.of(Norm.rms(WeightId.outside(Role.FINAL_NORM), sizes.hidden(), sizes.epsilon()));
  }

  ModelDraft names(ModuleNames own) {
    names = own;
    return this;
  }

  ModelDraft finalNorm(Norm norm) {
    finalNorm = Optional.of(norm);
    return this;
  }

  ModelDraft noFinalNorm() {
    finalNorm = Optional.empty();
    return this;
  }

  ModelDraft embeddingScale(double factor) {
    embeddingScale = (float) factor;
    return this;
  }

  /// Embedding and head of another width than the hidden state, with projections between.
  ModelDraft embeddingWidth(int width) {
    embeddingWidth = width;
    return this;
  }

  /// Learned positions.
  ///
  /// @param rows of their table
  /// @param offset row of position 0
  ModelDraft positions(int rows, int offset) {
    positions =
        Optional.of(new Positions(outside(Role.POSITIONS, rows, sizes.hidden(), false), offset));
    return this;
  }

  ModelDraft embeddingNorm(Norm norm) {
    embeddingNorm = Optional.of(norm);
    return this;
  }

  ModelDraft headBias(boolean bias) {
    headBias = bias;
    return this;
  }

  ModelDraft logitScale(double factor) {
    logitScale = (float) factor;
    return this;
  }

  ModelDraft logitSoftcap(double cap) {
    logitSoftcap = (float) cap;
    return this;
  }

  /// Names of tensors that checkpoints of the family hold and nothing reads, as regular
  /// expressions.
  ModelDraft buffers(String... patterns) {
    buffers = List.of(patterns);
    return this;
  }

  /// Blocks whose branches follow one another.
  ModelSpec blocks(IntFunction<List<Branch>> branches) {
    return blocks(false, branches);
  }

  /// Blocks whose branches all read what came before the block.
  ModelSpec parallelBlocks(IntFunction<List<Branch>> branches) {
    return blocks(true, branches);
  }

  private ModelSpec blocks(boolean parallel, IntFunction<List<Branch>> branches) {
    for (int i = 0; i < sizes.layers(); i++) {
      blocks.add(new Block(i, branches.apply(i), parallel));
    }
    return new ModelSpec(
        family,
        sizes.hidden(),
        sizes.vocabulary(),
        sizes.maxPositions(),
        new Embedding(
            outside(Role.EMBEDDING, sizes.vocabulary(), embeddingWidth, false),
            embeddingScale,
            projection(Role.EMBEDDING_PROJECTION, sizes.hidden(), embeddingWidth),
            positions,
            embeddingNorm),
        blocks,
        finalNorm,
        new Head(
            projection(Role.HEAD_PROJECTION, embeddingWidth, sizes.hidden()),
            outside(Role.HEAD, sizes.vocabulary(), embeddingWidth, headBias),
            tied,
            logitScale,
            logitSoftcap),
        names,
        buffers);
  }

  private static Optional<Linear> projection(Role role, int out, int in) {
    return out == in ? Optional.empty() : Optional.of(outside(role, out, in, false));
  }

  private static Linear outside(Role role, int out, int in, boolean bias) {
    String group = role.name().toLowerCase();
    return new Linear(WeightId.outside(role), out, in, bias, group, group);
  }
}
