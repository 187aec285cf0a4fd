package io.metalmarlin.formats.model;

import static io.metalmarlin.formats.scheme.GroupScheme.WHOLE;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The `config_groups` of compressed-tensors, of which reading needs three things: widths of
/// integers, sizes of groups and of blocks. Which modules a group targets is not asked: writers
/// differ in how they fill `targets` and `ignore`, and a module's planes say it themselves.
final class CompressedTensorsConfig {
  /// The `weights` of one group.
  ///
  /// @param bits `num_bits`
  /// @param groupSize columns, [io.metalmarlin.formats.scheme.GroupScheme#WHOLE] for `channel`
  record Weights(boolean integer, int bits, int groupSize, Optional<Fp8Modules.Block> block) {}

  private static final int LARGEST_GROUP = 1 << 24;

  private final ModelConfig config;
  private final List<Weights> groups;

  private CompressedTensorsConfig(ModelConfig config, List<Weights> groups) {
    this.config = config;
    this.groups = groups;
  }

  /// @throws MarlinException `CONFIG_MALFORMED` for sizes that cannot be, `REFUSED_FORMAT` for
  ///   widths that are not read
  static CompressedTensorsConfig of(ModelConfig config) {
    List<Weights> groups = new ArrayList<>();
    JsonNode all =
        QuantizationConfig.of(config).root().map(r -> r.path("config_groups")).orElse(null);
    if (all != null) {
      for (Map.Entry<String, JsonNode> group : all.properties()) {
        JsonNode weights = group.getValue().path("weights");
        if (weights.isObject()) {
          groups.add(weights(config, "config_groups." + group.getKey() + ".weights", weights));
        }
      }
    }
    return new CompressedTensorsConfig(config, List.copyOf(groups));
  }

  private static Weights weights(ModelConfig config, String where, JsonNode weights) {
    boolean integer = !weights.path("type").asString("int").equals("float");
    int bits = integer(config, where, weights, "num_bits", 8);
    if (integer ? bits < 2 || bits > 8 : bits != 4 && bits != 8) {
      throw QuantizationConfig.refused(
          config.file().toString(),
          "%s has num_bits %d of type %s".formatted(where, bits, integer ? "int" : "float"));
    }
    int size = integer(config, where, weights, "group_size", -1);
    if (size != -1 && (size < 1 || size > LARGEST_GROUP)) {
      throw malformed(config, where + ".group_size", "1 to 2^24, -1 or null", "" + size);
    }
    return new Weights(integer, bits, size == -1 ? WHOLE : size, block(config, where, weights));
  }

  private static int integer(
      ModelConfig config, String where, JsonNode object, String key, int otherwise) {
    JsonNode n = object.path(key);
    if (n.isMissingNode() || n.isNull()) {
      return otherwise;
    }
    if (!n.isIntegralNumber() || !n.canConvertToInt()) {
      throw malformed(config, where + "." + key, "a whole number", n.toString());
    }
    return n.intValue();
  }

  /// `[128, 128]`, by older writers `"128x128"`.
  private static Optional<Fp8Modules.Block> block(
      ModelConfig config, String where, JsonNode weights) {
    JsonNode n = weights.path("block_structure");
    if (n.isMissingNode() || n.isNull()) {
      return Optional.empty();
    }
    List<String> sides =
        n.isString()
            ? List.of(n.stringValue().split("x", -1))
            : n.valueStream().map(JsonNode::toString).toList();
    boolean sound = sides.size() == 2 && sides.stream().allMatch(s -> s.matches("[1-9][0-9]{0,6}"));
    if (!sound) {
      throw malformed(config, where + ".block_structure", "[rows, columns]", n.toString());
    }
    return Optional.of(
        new Fp8Modules.Block(Integer.parseInt(sides.get(0)), Integer.parseInt(sides.get(1))));
  }

  private static MarlinException malformed(
      ModelConfig config, String key, String expected, String actual) {
    return new MarlinException(
        ErrorCode.CONFIG_MALFORMED,
        config.file().toString(),
        "key \"%s\" should be %s, it is %s".formatted(key, expected, actual),
        "Check that this is the config.json of the checkpoint; download it again if it was cut.");
  }

  /// Widths of integers that some group has, each once.
  List<Integer> integerBits() {
    return groups.stream().filter(Weights::integer).map(Weights::bits).distinct().toList();
  }

  /// Group sizes of the integers of that width.
  List<Integer> groupSizes(int bits) {
    return groups.stream()
        .filter(w -> w.integer() && w.bits() == bits)
        .map(Weights::groupSize)
        .distinct()
        .toList();
  }

  /// Blocks of FP8 weights, the common one last.
  List<Fp8Modules.Block> blocks() {
    List<Fp8Modules.Block> blocks = new ArrayList<>();
    groups.stream().flatMap(w -> w.block().stream()).distinct().forEach(blocks::add);
    if (!blocks.contains(Fp8Modules.BLOCK)) {
      blocks.add(Fp8Modules.BLOCK);
    }
    return blocks;
  }

  /// What the whole configuration says about its format, for messages.
  String format() {
    return QuantizationConfig.of(config).text("format").orElse("(none given)");
  }

  ModelConfig config() {
    return config;
  }
}
