package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.number.E4M3;
import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.floating.Fp8Layout;
import io.metalmarlin.formats.scheme.floating.Fp8Packing;
import io.metalmarlin.formats.scheme.floating.MxPacking;
import io.metalmarlin.formats.scheme.integer.IntQuantized;
import io.metalmarlin.formats.scheme.integer.PackQuantized;
import io.metalmarlin.formats.scheme.nvfp4.CompressedTensorsNvfp4;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.tensor.DType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/// compressed-tensors, the dialect of llm-compressor that vLLM, SGLang and transformers load.
///
/// Read by layout: a module is packed if its planes are there, whatever `targets` and `ignore` say,
/// because writers differ in how they fill these. Several formats may be mixed. Scales of inputs,
/// outputs and caches are no planes.
public final class CompressedTensorsDialect implements Dialect {
  @Override
  public String name() {
    return CompressedTensorsDescription.METHOD;
  }

  @Override
  public boolean accepts(ModelConfig config, Checkpoint checkpoint) {
    QuantizationConfig q = QuantizationConfig.of(config);
    boolean looksLikeIt = q.silent() && Tensors.any(checkpoint, List.of(".weight_packed"));
    return q.says(name()) || looksLikeIt;
  }

  @Override
  public SequencedMap<String, PackedModule> modules(ModelConfig config, Checkpoint checkpoint) {
    CompressedTensorsUnread.refuse(config);
    SequencedMap<String, PackedModule> modules = new LinkedHashMap<>();
    PlaneFinder finder = new PlaneFinder(checkpoint);
    CompressedTensorsModules found = new CompressedTensorsModules(config, checkpoint);
    for (String stem : Tensors.stems(checkpoint)) {
      found
          .find(stem)
          .ifPresent(m ->
              modules.put(
                  stem, finder.module(stem, m.packing(), m.rows(), m.cols(), Optional.empty())));
    }
    return modules;
  }

  /// A module in NVFP4 planes, sized by its codes.
  static PackedModule nvfp4(
      PlaneFinder finder,
      Checkpoint checkpoint,
      String stem,
      Packing packing,
      Optional<InputTransform> transform) {
    int[] size = Tensors.matrix(checkpoint, stem + "." + packing.planes(1, 16).getFirst().suffix());
    return finder.module(stem, packing, size[0], 2 * size[1], transform);
  }

  /// Whether the module has the planes of NVFP4 with their types; other 4-bit formats share one
  /// name or another of them.
  static boolean isNvfp4(Checkpoint checkpoint, String stem) {
    return Tensors.is(checkpoint, stem + ".weight_packed", DType.U8)
        && Tensors.is(checkpoint, stem + ".weight_scale", DType.F8_E4M3)
        && Tensors.is(checkpoint, stem + ".weight_global_scale", DType.F32);
  }

  @Override
  public Set<Class<? extends Packing>> packings() {
    return Set.of(
        CompressedTensorsNvfp4.class,
        PackQuantized.class,
        IntQuantized.class,
        MxPacking.class,
        Fp8Packing.class);
  }

  /// Scales keep their type where it is one of the three that models have. Biases become zero
  /// points, as far as a matrix allows it.
  @Override
  public Optional<Packing> packingFor(Scheme scheme, DType model) {
    return switch (scheme) {
      case Nvfp4Scheme s -> Optional.of(CompressedTensorsNvfp4.INSTANCE);
      case IntScheme s -> {
        Zero zero = s.zero() == Zero.NONE ? Zero.NONE : Zero.POINT;
        ScaleType scale = stored(s.scaleType(), model);
        yield Optional.of(new PackQuantized(new IntScheme(s.bits(), s.groupSize(), scale, zero)));
      }
      case FloatScheme s when s.equals(FloatScheme.MXFP4) -> Optional.of(MxPacking.MXFP4);
      case FloatScheme s when s.equals(FloatScheme.MXFP8) -> Optional.of(MxPacking.MXFP8);
      case FloatScheme s when s.element() == FloatScheme.Element.E4M3 -> {
        FloatScheme stored =
            FloatScheme.fp8(s.groupRows(), s.groupSize(), stored(s.scaleType(), model));
        yield Optional.of(new Fp8Packing(stored, Fp8Layout.COMPRESSED_TENSORS));
      }
      default -> Optional.empty();
    };
  }

  private static ScaleType stored(ScaleType type, DType model) {
    return switch (type) {
      case BF16, F16, F32 -> type;
      case E4M3, E8M0 -> ScaleType.of(model);
    };
  }

  @Override
  public Set<Activations> activations() {
    return Set.of(
        Activations.NONE,
        Activations.NVFP4,
        Activations.MX,
        Activations.FP8_STATIC,
        Activations.FP8_DYNAMIC);
  }

  /// llm-compressor writes `input_scale` in the model's type; F32 holds the number as it was
  /// measured and loads in the same places.
  @Override
  public Optional<ActivationScale> activationScale(Activations activations) {
    return switch (activations) {
      case NVFP4 ->
          Optional.of(
              new ActivationScale(
                  new Plane("input_global_scale", DType.F32, List.of(1L)),
                  TensorScale.Kind.DIVISOR,
                  Nvfp4Scheme.RANGE));
      case FP8_STATIC ->
          Optional.of(
              new ActivationScale(
                  new Plane("input_scale", DType.F32, List.of(1L)),
                  TensorScale.Kind.MULTIPLIER,
                  E4M3.MAX));
      default -> Optional.empty();
    };
  }

  @Override
  public Optional<CacheScales> cacheScales() {
    return Optional.of(CacheScales.ATTENTION);
  }

  @Override
  public Map<String, ObjectNode> describe(ModelConfig source, ModuleLayout layout) {
    return Map.of(
        "config.json", QuantizationConfig.replace(source, CompressedTensorsDescription.of(layout)));
  }
}
