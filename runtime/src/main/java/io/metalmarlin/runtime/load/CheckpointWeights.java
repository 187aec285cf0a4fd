package io.metalmarlin.runtime.load;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.StoredMatrix;
import io.metalmarlin.runtime.model.Weights;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;

/// The weights of an opened checkpoint: views of its mapped bytes. A tied head is the embedding.
public final class CheckpointWeights implements Weights {
  private final Checkpoint checkpoint;
  private final ModelSpec spec;
  private final TensorLookup lookup;
  private final Map<String, PackedModule> modules;

  public CheckpointWeights(
      Checkpoint checkpoint, ModelConfig config, Dialect dialect, ModelSpec spec) {
    this.checkpoint = checkpoint;
    this.spec = spec;
    this.lookup = new TensorLookup(checkpoint);
    this.modules = dialect.modules(config, checkpoint);
  }

  /// Checks from the headers alone that every tensor of the declaration is there, with the right
  /// shape and a type or packing that can be read.
  ///
  /// @throws MarlinException `TENSOR_MISSING`, `TENSOR_MISMATCH`, `REFUSED_FORMAT`
  public void check() {
    checkMatrix(spec.embedding(), spec.vocabulary(), spec.hidden());
    for (ModelSpec.Block b : spec.blocks()) {
      checkNorm(b.attentionNorm());
      b.attention().qNorm().ifPresent(this::checkNorm);
      b.attention().kNorm().ifPresent(this::checkNorm);
      checkNorm(b.mlpNorm());
      for (ModelSpec.Linear l : b.linears()) {
        checkMatrix(l.id(), l.out(), l.in());
        if (l.bias()) {
          lookup.dense(module(l.id()) + ".bias", List.of((long) l.out()));
        }
      }
    }
    checkNorm(spec.finalNorm());
    if (!spec.tiedHead()) {
      checkMatrix(spec.head().id(), spec.head().out(), spec.head().in());
    }
  }

  @Override
  public StoredMatrix matrix(WeightId id, int rows, int cols) {
    String stem = module(id);
    PackedModule module = modules.get(stem);
    if (module == null) {
      TensorInfo info = lookup.dense(stem + ".weight", List.of((long) rows, (long) cols));
      return new StoredMatrix.Dense(info.dtype(), rows, cols, checkpoint.bytes(info.name()));
    }
    PackedMatrix matrix = module.matrix(checkpoint);
    FiniteScales.require(stem, matrix);
    return new StoredMatrix.Packed(matrix, module.transform());
  }

  @Override
  public float[] vector(WeightId id, String tensor, int size) {
    TensorInfo info = lookup.dense(module(id) + "." + tensor, List.of((long) size));
    MemorySegment bytes = checkpoint.bytes(info.name());
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] =
          switch (info.dtype()) {
            case BF16 -> Float.intBitsToFloat(bytes.getAtIndex(JAVA_SHORT_UNALIGNED, i) << 16);
            case F16 -> Float.float16ToFloat(bytes.getAtIndex(JAVA_SHORT_UNALIGNED, i));
            default -> bytes.getAtIndex(JAVA_FLOAT_UNALIGNED, i);
          };
    }
    return values;
  }

  private String module(WeightId id) {
    boolean tied = spec.tiedHead() && id.role() == Role.HEAD;
    return spec.names().module(tied ? spec.embedding() : id);
  }

  private void checkMatrix(WeightId id, int rows, int cols) {
    String stem = module(id);
    PackedModule module = modules.get(stem);
    if (module != null) {
      lookup.size(module, rows, cols);
    } else {
      lookup.dense(stem + ".weight", List.of((long) rows, (long) cols));
    }
  }

  private void checkNorm(ModelSpec.Norm n) {
    lookup.dense(module(n.id()) + ".weight", List.of((long) n.size()));
  }
}
