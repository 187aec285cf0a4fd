package io.metalmarlin.formats.model;

import static io.metalmarlin.formats.scheme.GroupScheme.WHOLE;

import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.integer.PackQuantized;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// `QuantizationArgs` of compressed-tensors 0.18: every key is written, since the reader's own
/// defaults changed between versions.
final class CompressedTensorsArguments {
  private static final String E4M3 = "torch.float8_e4m3fn";
  private static final String E8M0 = "torch.uint8";

  private CompressedTensorsArguments() {}

  /// The arguments of weights in that packing.
  static ObjectNode weights(GroupPacking packing) {
    ObjectNode w = plain(packing.scheme().codeBits(), packing.scheme() instanceof IntScheme);
    switch (packing.scheme()) {
      case IntScheme s -> {
        group(w, s.groupSize() == WHOLE ? "channel" : "group", s.groupSize());
        if (s.zero() == Zero.POINT) {
          w.put("symmetric", false);
          w.put("zp_dtype", "torch.int8");
        }
        if (packing instanceof PackQuantized p && p.actOrder()) {
          w.put("actorder", "group");
        }
      }
      case FloatScheme s when s.scaleType() == ScaleType.E8M0 -> {
        group(w, "group", s.groupSize());
        w.put("scale_dtype", E8M0);
      }
      case FloatScheme s -> float8(w, s);
      default -> tensorGroup(w);
    }
    return w;
  }

  private static void float8(ObjectNode w, FloatScheme s) {
    if (s.groupRows() == WHOLE) {
      w.put("strategy", "tensor");
    } else if (s.groupSize() == WHOLE) {
      w.put("strategy", "channel");
    } else if (s.groupRows() == 1) {
      group(w, "group", s.groupSize());
    } else {
      w.put("strategy", "block");
      w.putArray("block_structure").add(s.groupRows()).add(s.groupSize());
    }
  }

  /// The arguments of the input; null where it stays as it is.
  static @Nullable ObjectNode inputs(GroupScheme weights, Activations activations) {
    return switch (activations) {
      case NONE -> null;
      case NVFP4 -> {
        ObjectNode a = plain(4, false);
        tensorGroup(a);
        a.put("dynamic", "local");
        a.put("observer", "static_minmax");
        yield a;
      }
      case MX -> {
        ObjectNode a = plain(weights.codeBits(), false);
        group(a, "group", weights.groupSize());
        a.put("dynamic", true);
        a.put("scale_dtype", E8M0);
        yield a;
      }
      case FP8_STATIC -> fp8Tensor();
      case FP8_DYNAMIC -> {
        ObjectNode a = plain(8, false);
        boolean blocks = weights.groupRows() != WHOLE && weights.groupRows() > 1;
        group(a, blocks ? "group" : "token", blocks ? weights.groupSize() : WHOLE);
        a.put("dynamic", true);
        yield a;
      }
      case INT8_DYNAMIC -> {
        ObjectNode a = plain(8, true);
        a.put("strategy", "token");
        a.put("dynamic", true);
        yield a;
      }
    };
  }

  /// FP8 with one static scale: of inputs, and of the key-value cache.
  static ObjectNode fp8Tensor() {
    ObjectNode a = plain(8, false);
    a.put("strategy", "tensor");
    a.put("observer", "static_minmax");
    return a;
  }

  private static void tensorGroup(ObjectNode arguments) {
    group(arguments, "tensor_group", 16);
    arguments.put("scale_dtype", E4M3);
  }

  private static void group(ObjectNode arguments, String strategy, int size) {
    arguments.put("strategy", strategy);
    if (size != WHOLE) {
      arguments.put("group_size", size);
    }
  }

  private static ObjectNode plain(int bits, boolean integer) {
    ObjectNode a = QuantizationConfig.JSON.createObjectNode();
    a.putNull("actorder");
    a.putNull("block_structure");
    a.put("dynamic", false);
    a.putNull("group_size");
    a.put("num_bits", bits);
    a.putNull("observer");
    a.putObject("observer_kwargs");
    a.putNull("scale_dtype");
    a.putNull("strategy");
    a.put("symmetric", true);
    a.put("type", integer ? "int" : "float");
    a.putNull("zp_dtype");
    return a;
  }
}
