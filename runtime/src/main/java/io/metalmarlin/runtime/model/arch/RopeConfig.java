package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.runtime.model.Rope;
import io.metalmarlin.runtime.model.Rope.Angles;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;

/// The rotary embedding from a configuration in either spelling: `rope_theta` beside `rope_scaling`
/// (transformers 4), or one `rope_parameters` object, for some families one per kind of layer
/// (transformers 5). Where a file has both objects, `rope_scaling` counts.
///
/// Source: transformers 5.23 `modeling_rope_utils.py`.
///
/// @param width values of a head that are turned if there is no `partial_rotary_factor`
/// @param parameters the object that says how angles are scaled
/// @param theta what a missing `rope_theta` means
/// @param partial what a missing `partial_rotary_factor` means; empty for families that turn whole
///   heads
record RopeConfig(
    ModelConfig config,
    int width,
    Optional<JsonNode> parameters,
    String thetaKey,
    double theta,
    OptionalDouble partial) {
  static RopeConfig of(ModelConfig config, int width) {
    return new RopeConfig(
        config, width, config.ropeScaling(), "rope_theta", 10000, OptionalDouble.empty());
  }

  /// Of one kind of layer: its own entry of `rope_parameters` where there is one.
  RopeConfig forLayers(String type) {
    Optional<JsonNode> own = parameters.map(p -> p.get(type)).filter(JsonNode::isObject);
    return new RopeConfig(config, width, own.or(this::parameters), thetaKey, theta, partial);
  }

  /// With another key for the base.
  RopeConfig theta(String key, double otherwise) {
    return new RopeConfig(config, width, parameters, key, otherwise, partial);
  }

  /// Without any scaling of the angles.
  RopeConfig unscaled() {
    return new RopeConfig(config, width, Optional.empty(), thetaKey, theta, partial);
  }

  /// Of a family that turns a part of each head.
  ///
  /// @param otherwise what a missing `partial_rotary_factor` means
  RopeConfig partial(double otherwise) {
    return new RopeConfig(config, width, parameters, thetaKey, theta, OptionalDouble.of(otherwise));
  }

  /// The embedding on halves.
  Rope rope() {
    List<Double> inverse = RopeAngles.plain(base(), turned());
    return switch (type()) {
      case "default", "mrope" -> fixed(inverse, 1);
      case "linear" -> {
        double factor = required("factor");
        yield fixed(inverse.stream().map(f -> f / factor).toList(), 1);
      }
      case "llama3" -> fixed(llama3(inverse), 1);
      case "yarn" -> yarn();
      case "dynamic" -> dynamic();
      case "longrope", "su" -> longRope(inverse);
      default ->
          throw ConfigChecks.unsupported(
              config,
              "rope_type \""
                  + type()
                  + "\" (default, linear, dynamic, llama3, yarn and longrope are)");
    };
  }

  private static Rope fixed(List<Double> inverse, double factor) {
    return Rope.fixed(false, new Angles(inverse, (float) factor));
  }

  /// `rope_type`, or `type` in older files.
  String type() {
    for (String key : List.of("rope_type", "type")) {
      JsonNode n = parameters.map(p -> p.get(key)).orElse(null);
      if (n != null && n.isString()) {
        return n.stringValue();
      }
    }
    if (parameters.isPresent() && parameters.get().get("factor") != null) {
      throw ConfigChecks.malformed(config, "the rope scaling has a factor but no \"rope_type\"");
    }
    return "default";
  }

  /// By how much a scaled embedding lets scores grow beside what it does to queries and keys
  /// (`mscale_all_dim`, DeepSeek).
  double scoreFactor() {
    double all = number("mscale_all_dim").orElse(0.0);
    if (type().equals("default") || all == 0) {
      return 1;
    }
    double magnitude = RopeAngles.magnitude(required("factor"), all);
    return magnitude * magnitude;
  }

  /// The longest context. Where angles are scaled, `max_position_embeddings` may be that of the
  /// training, which the scaling multiplies.
  int longest() {
    double factor = number("factor").filter(f -> f >= 1).orElse(1.0);
    double scaled =
        switch (type()) {
          case "linear", "dynamic" -> maxPositions() * factor;
          case "yarn" -> original() * factor;
          default -> 0;
        };
    return (int) Math.min(Integer.MAX_VALUE, Math.max(maxPositions(), scaled));
  }

  /// The base of the angles.
  double base() {
    double b = number("rope_theta").or(() -> top(thetaKey)).orElse(theta);
    if (!(b > 0) || Double.isInfinite(b)) {
      throw ConfigChecks.malformed(config, "rope_theta should be positive, it is " + b);
    }
    return b;
  }

  /// Values of a head that are turned.
  int turned() {
    double share =
        number("partial_rotary_factor")
            .or(() -> top("partial_rotary_factor"))
            .orElse(partial.orElse(1));
    if (partial.isEmpty() && share != 1) {
      throw ConfigChecks.unsupported(
          config, "partial_rotary_factor " + share + " (some programs read it, some do not)");
    }
    int values = (int) (width * share);
    if (share == 1 && width % 2 != 0) {
      throw ConfigChecks.malformed(
          config, "head_dim " + width + " is odd; the rotary embedding turns pairs");
    }
    if (!(share > 0 && share <= 1) || values % 2 != 0 || values == 0) {
      throw ConfigChecks.malformed(
          config,
          "partial_rotary_factor %s of %d values is not an even part of a head"
              .formatted(share, width));
    }
    return values;
  }

  private List<Double> llama3(List<Double> inverse) {
    double low = required("low_freq_factor");
    double high = required("high_freq_factor");
    if (high <= low) {
      throw ConfigChecks.malformed(
          config, "high_freq_factor " + high + " should be above low_freq_factor " + low);
    }
    return RopeAngles.llama3(inverse, required("factor"), low, high, original());
  }

  private Rope yarn() {
    double factor = stretch();
    double original = original();
    JsonNode truncate = parameters.map(p -> p.get("truncate")).orElse(null);
    List<Double> inverse =
        RopeAngles.yarn(
            base(),
            turned(),
            factor,
            original,
            number("beta_fast").orElse(32.0),
            number("beta_slow").orElse(1.0),
            truncate == null || truncate.isNull() || truncate.booleanValue(true));
    double all = number("mscale_all_dim").orElse(0.0);
    double some = number("mscale").orElse(0.0);
    double attention =
        number("attention_factor")
            .orElse(
                some != 0 && all != 0
                    ? RopeAngles.magnitude(factor, some) / RopeAngles.magnitude(factor, all)
                    : RopeAngles.magnitude(factor, 1));
    return fixed(inverse, attention);
  }

  /// The base grows with the sequence once it is longer than the model was trained for; with
  /// `alpha` it is a larger one up to there (Hunyuan).
  private Rope dynamic() {
    int turned = turned();
    double exponent = (double) turned / (turned - 2);
    double alpha = number("alpha").filter(a -> a != 0).orElse(1.0);
    double factor = required("factor");
    double max = maxPositions();
    Angles usual = new Angles(RopeAngles.plain(base() * Math.pow(alpha, exponent), turned), 1);
    return new Rope(
        false,
        turned / 2,
        length -> {
          if (length <= max) {
            return usual;
          }
          double grown = base() * Math.pow(factor * length / max - (factor - 1), exponent);
          return new Angles(RopeAngles.plain(grown, turned), 1);
        });
  }

  /// One list of factors up to the original context, another beyond it.
  private Rope longRope(List<Double> inverse) {
    double original = original();
    double factor = stretch();
    double attention =
        number("attention_factor")
            .orElse(factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original)));
    Angles near = new Angles(divided(inverse, "short_factor"), (float) attention);
    Angles far = new Angles(divided(inverse, "long_factor"), (float) attention);
    return new Rope(false, inverse.size(), length -> length > original ? far : near);
  }

  private List<Double> divided(List<Double> inverse, String key) {
    JsonNode factors = parameters.map(p -> p.get(key)).orElse(null);
    if (factors == null || !factors.isArray() || factors.size() != inverse.size()) {
      throw ConfigChecks.malformed(
          config,
          "the rope scaling should have \"%s\" with %d numbers".formatted(key, inverse.size()));
    }
    List<Double> out = new ArrayList<>();
    for (int i = 0; i < inverse.size(); i++) {
      if (!factors.get(i).isNumber() || !(factors.get(i).doubleValue() > 0)) {
        throw ConfigChecks.malformed(
            config, key + "[" + i + "] should be a positive number, it is " + factors.get(i));
      }
      out.add(inverse.get(i) / factors.get(i).doubleValue());
    }
    return out;
  }

  /// The context that the angles were made for.
  private double original() {
    return top("original_max_position_embeddings")
        .or(() -> number("original_max_position_embeddings"))
        .orElseGet(this::maxPositions);
  }

  /// By how much the context is longer than that.
  private double stretch() {
    return number("factor").isPresent() ? required("factor") : maxPositions() / original();
  }

  private double maxPositions() {
    return ConfigChecks.positive(
        config, "max_position_embeddings", DefaultContext.of(config.modelType()));
  }

  private double required(String key) {
    double v =
        number(key)
            .orElseThrow(
                () -> ConfigChecks.malformed(config, "the rope scaling lacks \"" + key + "\""));
    if (!(v > 0) || Double.isInfinite(v)) {
      throw ConfigChecks.malformed(
          config, "rope scaling " + key + " should be positive, it is " + v);
    }
    return v;
  }

  private Optional<Double> number(String key) {
    return parameters.flatMap(p -> config.number(p, key).stream().boxed().findFirst());
  }

  private Optional<Double> top(String key) {
    return config.number(key).stream().boxed().findFirst();
  }
}
