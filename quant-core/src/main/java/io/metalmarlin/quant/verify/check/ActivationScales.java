package io.metalmarlin.quant.verify.check;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.model.ActivationScale;
import io.metalmarlin.formats.model.Activations;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;
import java.util.EnumSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Where the configuration promises calibrated input scales, every packed module has one, and it is
/// a positive number.
public final class ActivationScales implements Check {
  private static final String REMEDY =
      "Calibrate and write it, or say in the configuration that inputs stay in 16 bits"
          + " (input_activations null; W4A16_NVFP4).";

  @Override
  public String code() {
    return "activation-scale";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    if (subject.dialect().isEmpty()) {
      return;
    }
    Dialect dialect = subject.dialect().get();
    Set<Activations> promised = promised(subject);
    for (PackedModule m : subject.modules().values()) {
      for (Activations a : promised) {
        if (belongs(m.packing().scheme(), a)) {
          dialect.activationScale(a).ifPresent(scale -> look(subject, m.stem(), scale, findings));
        }
      }
    }
  }

  private static void look(Subject subject, String stem, ActivationScale scale, Findings findings) {
    String name = stem + "." + scale.plane().suffix();
    TensorInfo info = subject.checkpoint().tensors().get(name);
    if (info == null) {
      if (subject.complete()) {
        findings.error(name, "is not there, the configuration promises calibrated inputs", REMEDY);
      }
    } else if (info.elements() != 1) {
      findings.error(name, "has shape " + info.shape() + ", expected one number", REMEDY);
    } else if (info.dtype() == DType.F32) {
      float value = subject.checkpoint().bytes(name).get(JAVA_FLOAT_UNALIGNED, 0);
      if (!(value > 0) || !Float.isFinite(value)) {
        findings.error(name, "is " + value + ", expected a positive number", REMEDY);
      }
    }
  }

  private static boolean belongs(Scheme scheme, Activations activations) {
    return switch (activations) {
      case NVFP4 -> scheme.equals(Nvfp4Scheme.INSTANCE);
      case FP8_STATIC -> scheme instanceof FloatScheme f && f.element() == FloatScheme.Element.E4M3;
      default -> false;
    };
  }

  private static Set<Activations> promised(Subject subject) {
    Set<Activations> promised = EnumSet.noneOf(Activations.class);
    JsonNode q = subject.quantization();
    if (subject.isIn("compressed-tensors")) {
      for (JsonNode group : q.path("config_groups")) {
        JsonNode in = group.path("input_activations");
        JsonNode dynamic = in.path("dynamic");
        boolean allDynamic = dynamic.isBoolean() && dynamic.booleanValue();
        if (in.isObject() && in.path("type").asString("").equals("float") && !allDynamic) {
          promised.add(
              in.path("num_bits").asInt(0) == 4 ? Activations.NVFP4 : Activations.FP8_STATIC);
        }
      }
    } else if (subject.isIn("modelopt")) {
      switch (q.path("quant_algo").asString("")) {
        case "NVFP4", "NVFP4_AWQ" -> promised.add(Activations.NVFP4);
        case "FP8" -> promised.add(Activations.FP8_STATIC);
        default -> {}
      }
    }
    return promised;
  }
}
