package io.metalmarlin.quant.convert;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.model.ActivationScale;
import io.metalmarlin.formats.model.Activations;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The calibrated scales of linear inputs that stand beside packed modules, and what they mean for
/// the output: the same number under the target's name, or nothing.
final class InputScales {
  private final ConvertSource source;
  private final Dialect target;
  private final Map<String, Activations> activations = new HashMap<>();
  private final Map<String, ConvertStep.Number> carried = new HashMap<>();
  private final Set<String> found = new HashSet<>();

  InputScales(ConvertSource source, Dialect target) {
    this.source = source;
    this.target = target;
    source.modules().values().forEach(this::look);
  }

  private void look(PackedModule m) {
    Activations a = of(m);
    Optional<ActivationScale> here = source.dialect().activationScale(a);
    Optional<TensorInfo> tensor =
        here.map(s -> source.checkpoint().tensors().get(m.stem() + "." + s.plane().suffix()));
    tensor.ifPresent(t -> found.add(t.name()));
    if (!target.activations().contains(a)) {
      return;
    }
    Optional<ActivationScale> there = target.activationScale(a);
    if (there.isPresent() && (tensor.isEmpty() || here.isEmpty())) {
      return;
    }
    activations.put(m.stem(), a);
    if (there.isPresent()) {
      float value = number(tensor.orElseThrow());
      TensorScale scale = new TensorScale(here.orElseThrow().kind(), value).as(there.get().kind());
      TensorInfo to = there.get().plane().tensor(m.stem());
      carried.put(tensor.get().name(), new ConvertStep.Number(tensor.get(), to, scale.value()));
    }
  }

  /// What the output says about the inputs of a module.
  Activations activations(String stem) {
    return activations.getOrDefault(stem, Activations.NONE);
  }

  /// Whether a tensor of the source is such a scale.
  boolean owns(String tensor) {
    return found.contains(tensor);
  }

  /// The step that carries it over, if the target has a place for it.
  Optional<ConvertStep.Number> step(String tensor) {
    return Optional.ofNullable(carried.get(tensor));
  }

  /// What the source's loaders do to a module's input: told by a scale beside it, else by the
  /// configuration.
  private Activations of(PackedModule m) {
    Scheme scheme = m.packing().scheme();
    for (Activations a : Activations.values()) {
      Optional<ActivationScale> s = source.dialect().activationScale(a);
      boolean stored =
          s.isPresent()
              && source
                  .checkpoint()
                  .tensors()
                  .containsKey(m.stem() + "." + s.get().plane().suffix());
      if (stored && suits(a, scheme)) {
        return a;
      }
    }
    return dynamic(scheme);
  }

  private static boolean suits(Activations a, Scheme scheme) {
    boolean fp8 = scheme instanceof FloatScheme f && f.element() == FloatScheme.Element.E4M3;
    return switch (a) {
      case NVFP4 -> scheme.equals(Nvfp4Scheme.INSTANCE);
      case FP8_STATIC -> fp8;
      default -> false;
    };
  }

  /// The first group of `config_groups` whose weights have the module's width and whose inputs are
  /// quantized as it runs.
  private Activations dynamic(Scheme scheme) {
    JsonNode groups = source.config().root().path("quantization_config").path("config_groups");
    for (Map.Entry<String, JsonNode> g : groups.properties()) {
      JsonNode inputs = g.getValue().path("input_activations");
      if (!inputs.path("dynamic").isBoolean() || !inputs.path("dynamic").asBoolean(false)) {
        continue;
      }
      int bits = inputs.path("num_bits").asInt(0);
      boolean integer = inputs.path("type").asString("").equals("int");
      if (scheme.equals(FloatScheme.MXFP4) || scheme.equals(FloatScheme.MXFP8)) {
        return Activations.MX;
      }
      if (bits == 8 && scheme instanceof FloatScheme && !integer) {
        return Activations.FP8_DYNAMIC;
      }
      if (bits == 8 && integer && !(scheme instanceof FloatScheme)) {
        return Activations.INT8_DYNAMIC;
      }
    }
    return Activations.NONE;
  }

  private float number(TensorInfo t) {
    float[] one = new float[1];
    if (t.dtype() == DType.F32) {
      return source.checkpoint().bytes(t.name()).get(JAVA_FLOAT_UNALIGNED, 0);
    }
    DenseValues.read(t.dtype(), source.checkpoint().bytes(t.name()), 0, one, 1);
    return one[0];
  }
}
