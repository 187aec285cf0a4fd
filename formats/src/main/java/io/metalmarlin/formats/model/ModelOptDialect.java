package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.number.E4M3;
import io.metalmarlin.formats.scheme.ColumnScaledPacking;
import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.floating.Fp8Layout;
import io.metalmarlin.formats.scheme.floating.Fp8Packing;
import io.metalmarlin.formats.scheme.floating.MxPacking;
import io.metalmarlin.formats.scheme.integer.ModelOptInt4;
import io.metalmarlin.formats.scheme.nvfp4.ModelOptNvfp4;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.tensor.DType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/// NVIDIA ModelOpt's unified Hugging Face export, which TensorRT-LLM, vLLM and SGLang load.
///
/// Scales of inputs (`input_scale`) and of the cache are no planes; the factors of AWQ
/// (`pre_quant_scale`) are: they multiply the input, so the columns of the decoded matrix have them
/// in them.
public final class ModelOptDialect implements Dialect {
  @Override
  public String name() {
    return ModelOptDescription.METHOD;
  }

  @Override
  public boolean accepts(ModelConfig config, Checkpoint checkpoint) {
    QuantizationConfig q = QuantizationConfig.of(config);
    boolean olderExport = q.root().isEmpty() && q.modelOpt().isPresent();
    boolean looksLikeIt = q.silent() && Tensors.any(checkpoint, List.of(".weight_scale_2"));
    return q.method().filter(m -> m.startsWith(name())).isPresent() || olderExport || looksLikeIt;
  }

  @Override
  public SequencedMap<String, PackedModule> modules(ModelConfig config, Checkpoint checkpoint) {
    SequencedMap<String, PackedModule> modules = new LinkedHashMap<>();
    PlaneFinder finder = new PlaneFinder(checkpoint);
    ModelOptModules found = new ModelOptModules(config, checkpoint);
    for (String stem : Tensors.stems(checkpoint)) {
      found
          .find(stem)
          .ifPresent(m -> {
            Packing packing = packing(checkpoint, stem, m.packing());
            modules.put(stem, finder.module(stem, packing, m.rows(), m.cols(), Optional.empty()));
          });
    }
    return modules;
  }

  /// The layout with the factors of the input, where the module has them.
  private static Packing packing(Checkpoint checkpoint, String stem, GroupPacking packing) {
    String factors = stem + "." + ColumnScaledPacking.SUFFIX;
    return Tensors.has(checkpoint, factors)
        ? new ColumnScaledPacking(packing, Tensors.scaleType(checkpoint, factors).dtype())
        : packing;
  }

  @Override
  public Set<Class<? extends Packing>> packings() {
    return Set.of(
        ModelOptNvfp4.class,
        ModelOptInt4.class,
        ColumnScaledPacking.class,
        Fp8Packing.class,
        MxPacking.class);
  }

  /// FP8 has one scale a matrix here, in F32.
  @Override
  public Optional<Packing> packingFor(Scheme scheme, DType model) {
    return switch (scheme) {
      case Nvfp4Scheme s -> Optional.of(ModelOptNvfp4.INSTANCE);
      case FloatScheme s
          when s.element() == FloatScheme.Element.E4M3
              && s.groupRows() == GroupScheme.WHOLE
              && s.groupSize() == GroupScheme.WHOLE ->
          Optional.of(
              new Fp8Packing(
                  FloatScheme.fp8(GroupScheme.WHOLE, GroupScheme.WHOLE, ScaleType.F32),
                  Fp8Layout.MODELOPT));
      default -> Optional.empty();
    };
  }

  /// Its FP8 always has quantized inputs.
  @Override
  public boolean weightsAlone(Packing packing) {
    return !(packing instanceof Fp8Packing);
  }

  @Override
  public Set<Activations> activations() {
    return Set.of(Activations.NONE, Activations.NVFP4, Activations.FP8_STATIC);
  }

  @Override
  public Optional<ActivationScale> activationScale(Activations activations) {
    Plane plane = new Plane("input_scale", DType.F32, List.of());
    return switch (activations) {
      case NVFP4 ->
          Optional.of(new ActivationScale(plane, TensorScale.Kind.MULTIPLIER, Nvfp4Scheme.RANGE));
      case FP8_STATIC ->
          Optional.of(new ActivationScale(plane, TensorScale.Kind.MULTIPLIER, E4M3.MAX));
      default -> Optional.empty();
    };
  }

  @Override
  public Optional<CacheScales> cacheScales() {
    return Optional.of(CacheScales.PROJECTION);
  }

  @Override
  public Map<String, ObjectNode> describe(ModelConfig source, ModuleLayout layout) {
    return ModelOptDescription.of(source, layout);
  }
}
