package io.metalmarlin.runtime.load;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.StoredMatrix;
import io.metalmarlin.runtime.model.Weights;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The weights of an opened checkpoint: views of its mapped bytes. A tied head is the embedding.
public final class CheckpointWeights implements Weights {
  private final Checkpoint checkpoint;
  private final ModelConfig config;
  private final Dialect dialect;
  private final ModelSpec spec;
  private final TensorLookup lookup;

  public CheckpointWeights(
      Checkpoint checkpoint, ModelConfig config, Dialect dialect, ModelSpec spec) {
    this.checkpoint = checkpoint;
    this.config = config;
    this.dialect = dialect;
    this.spec = spec;
    this.lookup = new TensorLookup(checkpoint);
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
    Optional<Packing> packing = dialect.packing(config, checkpoint, stem);
    if (packing.isEmpty()) {
      TensorInfo info = lookup.dense(stem + ".weight", List.of((long) rows, (long) cols));
      return new StoredMatrix.Dense(info.dtype(), rows, cols, checkpoint.bytes(info.name()));
    }
    List<MemorySegment> planes = new ArrayList<>();
    for (Plane p : packing.get().planes(rows, cols)) {
      planes.add(checkpoint.bytes(lookup.plane(stem, p).name()));
    }
    QuantizedMatrix matrix = packing.get().decode(planes, rows, cols);
    requireFinite(stem, matrix);
    return new StoredMatrix.Packed(matrix, dialect.inputTransform(config, stem));
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
    Optional<Packing> packing = dialect.packing(config, checkpoint, stem);
    if (packing.isPresent()) {
      packing.get().planes(rows, cols).forEach(p -> lookup.plane(stem, p));
    } else {
      lookup.dense(stem + ".weight", List.of((long) rows, (long) cols));
    }
  }

  private void checkNorm(ModelSpec.Norm n) {
    lookup.dense(module(n.id()) + ".weight", List.of((long) n.size()));
  }

  /// Scale codes may mean NaN, which kernels are not made to carry: one byte per group is looked
  /// at.
  private static void requireFinite(String stem, QuantizedMatrix m) {
    boolean[] finite = new boolean[256];
    for (int c = 0; c < 256; c++) {
      finite[c] = Float.isFinite(m.tensorScale().effective(m.scheme().scaleValue(c)));
    }
    for (long i = 0; i < m.scales().byteSize(); i++) {
      int code = m.scales().get(ValueLayout.JAVA_BYTE, i) & 0xff;
      if (!finite[code]) {
        throw new MarlinException(
            ErrorCode.NON_FINITE,
            stem,
            "row %d, group %d: scale code 0x%02x with tensor scale %s is not finite"
                .formatted(i / m.groups(), i % m.groups(), code, m.tensorScale().value()),
            "The checkpoint is damaged or was written by a broken quantizer; make it again.");
      }
    }
  }
}
