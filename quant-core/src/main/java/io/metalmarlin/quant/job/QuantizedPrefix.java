package io.metalmarlin.quant.job;

import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Layout;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.ModelSpec.Parameter;
import io.metalmarlin.runtime.model.StoredMatrix;
import io.metalmarlin.runtime.model.Weights;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The weights of a model on its way: linears of the current block that are already quantized come
/// as they were written, everything else from the source.
///
/// The partial output is itself a model, so a weight is read back through the same reader as
/// everybody else's, on a first run and after a resume alike. It is opened anew for each use
/// because its files grow between.
final class QuantizedPrefix implements Weights, AutoCloseable {
  private final Weights source;
  private final Path partial;
  private final Set<WeightId> quantized = new HashSet<>();
  private @Nullable Model written;

  QuantizedPrefix(Weights source, Path partial) {
    this.source = source;
    this.partial = partial;
  }

  /// From now on these weights are read as they were written; what was written before is forgotten.
  void useWritten(Collection<WeightId> ids) {
    close();
    quantized.addAll(ids);
    if (!quantized.isEmpty()) {
      written = Models.open(partial);
    }
  }

  @Override
  public StoredMatrix matrix(Linear linear) {
    boolean isWritten = written != null && quantized.contains(linear.id());
    if (!isWritten) {
      return source.matrix(linear);
    }
    // However the source stores it, a quantized matrix stands by itself.
    return written.weights().matrix(linear.stored(Layout.PLAIN));
  }

  @Override
  public float[] values(Parameter parameter) {
    return source.values(parameter);
  }

  @Override
  public void close() {
    quantized.clear();
    if (written != null) {
      written.close();
      written = null;
    }
  }
}
