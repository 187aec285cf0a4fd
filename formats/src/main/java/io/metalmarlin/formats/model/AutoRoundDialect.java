package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.gptq.AwqPacking;
import io.metalmarlin.formats.scheme.gptq.GptqPacking;
import io.metalmarlin.formats.scheme.gptq.GptqPacking.Version;
import io.metalmarlin.formats.tensor.DType;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// AutoRound's own configuration over layouts of others, named by `packing_format`:
/// `auto_round:auto_gptq` is GPTQ with zero points stored less one, `auto_round` and
/// `auto_round:gptqmodel` GPTQ with zero points as they are, `auto_round:auto_awq` AWQ's gemm, and
/// `auto_round:llm_compressor` has the planes of compressed-tensors. `extra_config` overrides
/// single modules, with 16 bits for one that stays dense; the shapes of the planes tell the same.
///
/// Only read: the layouts are written under their own names, which every loader knows.
///
/// Source: auto-round `inference/backend.py` (which format stores zero points how).
public final class AutoRoundDialect implements Dialect {
  private static final List<String> METHODS =
      List.of("auto-round", "auto_round", "intel/auto-round");

  private static final int PLAIN_BITS = 16;

  @Override
  public String name() {
    return "auto-round";
  }

  @Override
  public boolean accepts(ModelConfig config, Checkpoint checkpoint) {
    return QuantizationConfig.of(config).method().filter(METHODS::contains).isPresent();
  }

  @Override
  public SequencedMap<String, PackedModule> modules(ModelConfig config, Checkpoint checkpoint) {
    IntConfig c = new IntConfig(config, QuantizationConfig.of(config).root().orElseThrow());
    String format = format(c);
    if (format.equals("auto_round:llm_compressor")) {
      return new CompressedTensorsDialect().modules(config, checkpoint);
    }
    requirePlainIntegers(c, format);
    JsonNode overrides = c.root().path("extra_config");
    return switch (format) {
      case "auto_round:auto_gptq", "auto_round:gptq" ->
          GptqModules.of(c, checkpoint, Version.V1, overrides);
      case "auto_round", "auto_round:gptqmodel" ->
          GptqModules.of(c, checkpoint, Version.V2, overrides);
      case "auto_round:auto_awq", "auto_round:awq" -> {
        boolean symmetric = c.flag("sym").orElse(false) && overrides.findValues("sym").isEmpty();
        yield AwqModules.gemm(
            c, checkpoint, symmetric ? Zero.NONE : Zero.POINT, !overrides.isEmpty());
      }
      default -> throw c.refused("the weights are AutoRound's in packing_format " + format);
    };
  }

  @Override
  public Set<Class<? extends Packing>> packings() {
    HashSet<Class<? extends Packing>> all =
        new HashSet<>(new CompressedTensorsDialect().packings());
    all.addAll(Set.of(GptqPacking.class, AwqPacking.class));
    return all;
  }

  /// What `packing_format` says; in files before version 0.5 `backend` said it.
  private static String format(IntConfig c) {
    String format =
        c.text("packing_format")
            .or(() -> c.text("backend"))
            .orElseThrow(() ->
                c.malformed(
                    "packing_format is missing, so how zero points are stored is not known"));
    String known = format.toLowerCase(Locale.ROOT).replace("autoround", "auto_round");
    // A kernel's name behind the layout's: auto_round:gptq:exllamav2.
    return known.startsWith("auto_round:gptq:") ? "auto_round:gptq" : known;
  }

  private static void requirePlainIntegers(IntConfig c, String format) {
    String type = c.text("data_type").orElse("int");
    if (!type.equals("int")) {
      throw c.refused("the weights are AutoRound's data_type " + type + " in " + format);
    }
    int inputs = c.number("act_bits").orElse(PLAIN_BITS);
    if (inputs < PLAIN_BITS) {
      throw c.refused("the inputs are rounded to act_bits " + inputs + " in " + format);
    }
  }

  @Override
  public boolean writes() {
    return false;
  }

  @Override
  public Optional<Packing> packingFor(Scheme scheme, DType model) {
    return Optional.empty();
  }

  @Override
  public Map<String, ObjectNode> describe(ModelConfig source, ModuleLayout layout) {
    throw new IllegalArgumentException(name() + " is not written");
  }
}
