package io.metalmarlin.runtime.decode;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Matrix;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.ModelSpec.Norm;
import io.metalmarlin.runtime.model.Weights;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The weights of one block on a backend.
record BlockWeights(
    float[] attentionNorm,
    Product q,
    Product k,
    Product v,
    Product o,
    float @Nullable [] qNorm,
    float @Nullable [] kNorm,
    float[] mlpNorm,
    Product gate,
    Product up,
    Product down) {
  /// A matrix and its bias.
  record Product(Matrix matrix, float @Nullable [] bias) {}

  static BlockWeights load(ModelSpec.Block b, Weights weights, Backend backend) {
    return new BlockWeights(
        gamma(b.attentionNorm(), weights),
        product(b.attention().q(), weights, backend),
        product(b.attention().k(), weights, backend),
        product(b.attention().v(), weights, backend),
        product(b.attention().o(), weights, backend),
        gamma(b.attention().qNorm(), weights),
        gamma(b.attention().kNorm(), weights),
        gamma(b.mlpNorm(), weights),
        product(b.mlp().gate(), weights, backend),
        product(b.mlp().up(), weights, backend),
        product(b.mlp().down(), weights, backend));
  }

  static Product product(Linear l, Weights weights, Backend backend) {
    Matrix matrix = backend.upload(weights.matrix(l.id(), l.out(), l.in()));
    return new Product(matrix, l.bias() ? weights.vector(l.id(), "bias", l.out()) : null);
  }

  static float[] gamma(Norm n, Weights weights) {
    return weights.vector(n.id(), "weight", n.size());
  }

  private static float @Nullable [] gamma(Optional<Norm> n, Weights weights) {
    return n.isPresent() ? gamma(n.get(), weights) : null;
  }
}
