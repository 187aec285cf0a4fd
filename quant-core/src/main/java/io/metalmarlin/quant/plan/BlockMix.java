package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.formats.tensor.DType;

/// One mix of llama.cpp: which type a matrix gets by what it does and where it stands.
///
/// @param type what most matrices get
record BlockMix(String name, DType type) {
  /// What the rules ask about a model.
  ///
  /// @param experts of a layer, 0 in dense models
  /// @param queriesPerKey query heads that read one key head
  record Shape(int layers, int experts, int queriesPerKey, String family) {
    private static final int EIGHT = 8;

    boolean eightExperts() {
      return experts == EIGHT;
    }

    boolean falcon() {
      return family.equals("falcon");
    }

    /// What llama.cpp calls type 70B: its value matrices are so small that more bits cost little.
    boolean seventy() {
      return layers == 80
          && queriesPerKey > 1
          && (family.equals("llama") || family.equals("qwen2"));
    }

    /// The first and last eighth of the layers and every third between.
    boolean moreBits(int layer) {
      int eighth = layers / 8;
      return layer < eighth || layer >= 7 * layers / 8 || (layer - eighth) % 3 == 2;
    }
  }

  /// The type of one matrix.
  DType of(WeightId id, Shape shape) {
    int layer = id.layer();
    return switch (id.role()) {
      case V, QKV -> value(layer, shape);
      case K -> key(shape);
      case O -> output(shape);
      case Q -> lower();
      case GATE_UP, GATE, UP, SHARED_GATE, SHARED_UP ->
          layer >= shape.layers() / 8 && layer < 7 * shape.layers() / 8 ? lower() : type;
      case DOWN, SHARED_DOWN -> down(layer, shape);
      default -> type;
    };
  }

  /// IQ3_XS takes bits away instead.
  private DType lower() {
    return name.equals("IQ3_XS") ? DType.IQ3_XXS : type;
  }

  private DType key(Shape shape) {
    if (shape.eightExperts()) {
      return name.equals("IQ2_M") ? DType.Q4_K : DType.Q8_0;
    }
    return lower();
  }

  private DType value(int layer, Shape shape) {
    if (name.equals("IQ2_M")) {
      return shape.queriesPerKey() >= 4 || shape.experts() >= 4 ? DType.Q4_K : DType.IQ3_S;
    }
    if (shape.eightExperts()) {
      return DType.Q8_0;
    }
    DType chosen =
        switch (name) {
          case "Q2_K_S", "IQ3_XS" -> shape.queriesPerKey() >= 4 ? DType.Q4_K : type;
          case "IQ3_M" -> DType.Q4_K;
          case "Q3_K_M" -> layer < 2 ? DType.Q5_K : DType.Q4_K;
          case "Q3_K_L" -> DType.Q5_K;
          case "Q4_K_S" -> layer < 4 ? DType.Q5_K : type;
          case "Q4_K_M", "Q5_K_M" -> shape.moreBits(layer) ? DType.Q6_K : type;
          default -> type;
        };
    boolean small = chosen == DType.Q3_K || chosen == DType.Q4_K;
    return shape.seventy() && small ? DType.Q5_K : chosen;
  }

  private DType output(Shape shape) {
    if (shape.falcon()) {
      return name.equals("Q3_K_L") ? DType.Q4_K : type;
    }
    if (shape.eightExperts()) {
      return switch (name) {
        case "Q3_K_S", "Q3_K_M", "Q4_K_S", "Q4_K_M", "IQ3_M", "IQ3_XS", "IQ2_M" -> DType.Q5_K;
        default -> type;
      };
    }
    return switch (name) {
      case "Q3_K_M", "IQ3_M" -> DType.Q4_K;
      case "Q3_K_L" -> DType.Q5_K;
      case "IQ2_M" -> DType.IQ3_S;
      default -> type;
    };
  }

  private DType down(int layer, Shape shape) {
    boolean more = shape.moreBits(layer);
    boolean early = layer < shape.layers() / 8;
    boolean first = layer < shape.layers() / 16;
    return switch (name) {
      case "Q2_K_S" -> early ? DType.Q4_K : type;
      case "Q3_K_M" -> first ? DType.Q5_K : shape.falcon() && !more ? type : DType.Q4_K;
      case "Q3_K_L" -> shape.falcon() ? DType.Q4_K : DType.Q5_K;
      case "Q4_K_S" -> early && !shape.falcon() ? DType.Q5_K : type;
      case "Q4_K_M" ->
          shape.falcon() ? first ? DType.Q6_K : more ? DType.Q5_K : type : more ? DType.Q6_K : type;
      case "Q5_K_M" -> more ? DType.Q6_K : type;
      case "IQ3_M" -> early || shape.eightExperts() && more ? DType.Q4_K : type;
      case "IQ2_M" -> early ? DType.IQ3_S : type;
      default -> type;
    };
  }
}
