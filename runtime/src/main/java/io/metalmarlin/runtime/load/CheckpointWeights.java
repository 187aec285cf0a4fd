package io.metalmarlin.runtime.load;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.ModelSpec.Parameter;
import io.metalmarlin.runtime.model.StoredMatrix;
import io.metalmarlin.runtime.model.Weights;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/// The weights of an opened checkpoint: views of its mapped bytes, or a copy where the matrix is
/// stored transposed. A tied head is the embedding.
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
    for (Linear l : spec.matrices()) {
      PackedModule module = modules.get(spec.module(l));
      if (module != null) {
        lookup.size(module, l.out(), l.in());
      } else {
        dense(l);
      }
    }
    spec.parameters().forEach(p -> lookup.dense(spec.tensor(p), p.shape()));
  }

  @Override
  public StoredMatrix matrix(Linear linear) {
    String stem = spec.module(linear);
    PackedModule module = modules.get(stem);
    if (module == null) {
      TensorInfo info = dense(linear);
      MemorySegment bytes =
          StoredLayouts.matrix(linear, info.dtype(), checkpoint.bytes(info.name()));
      return new StoredMatrix.Dense(info.dtype(), linear.out(), linear.in(), bytes);
    }
    PackedMatrix matrix = module.matrix(checkpoint);
    FiniteScales.require(stem, matrix);
    return new StoredMatrix.Packed(matrix, module.transform());
  }

  private TensorInfo dense(Linear l) {
    return lookup.dense(spec.tensor(l), l.layout().shape(l.out(), l.in()));
  }

  @Override
  public float[] values(Parameter parameter) {
    TensorInfo info = lookup.dense(spec.tensor(parameter), parameter.shape());
    int size = parameter.size();
    int stored = size * parameter.part().count();
    float[] all = new float[stored];
    long from = (long) Math.max(0, parameter.slice()) * stored;
    Floats.widen(info.dtype(), checkpoint.bytes(info.name()), from, all, 0, stored);
    if (stored == size) {
      return all;
    }
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = all[parameter.part().row(i, size)];
    }
    return values;
  }
}
