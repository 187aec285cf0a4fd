package io.metalmarlin.quant.verify.load;

import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/// Demands on what the configuration says about the quantization.
final class ConfigDemands {
  private static final String FILE = "config.json";
  private static final String KEY = "quantization_config";
  private static final long MAX_BYTES = 64L << 20;

  /// Where older exports of GPTQ, AWQ and ModelOpt say it.
  private static final List<String> OLDER =
      List.of("quantize_config.json", "quant_config.json", "hf_quant_config.json");

  private ConfigDemands() {}

  /// All these keys are there; `a|b` is satisfied by either.
  static Demand keys(String... names) {
    return (subject, program, findings) -> {
      JsonNode q = said(subject);
      for (String name : names) {
        if (Arrays.stream(name.split("\\|")).noneMatch(q::has)) {
          findings.error(
              FILE,
              "%s.%s is missing, which %s asks for"
                  .formatted(KEY, name.replace("|", " or "), program),
              "Add it as it was when the checkpoint was quantized.");
        }
      }
    };
  }

  /// If the key is there, it has one of these values.
  ///
  /// @param why what makes other values impossible, a clause
  static Demand oneOf(String key, Set<String> values, String why, String remedy) {
    return (subject, program, findings) -> {
      JsonNode said = said(subject).path(key);
      if (!said.isMissingNode() && !said.isNull() && !values.contains(said.asString(""))) {
        findings.error(
            FILE,
            "%s.%s is %s; %s takes %s: %s"
                .formatted(KEY, key, said, program, String.join(", ", new TreeSet<>(values)), why),
            remedy);
      }
    };
  }

  /// GPTQ's widths.
  ///
  /// @param why what makes others impossible, a clause
  static Demand gptqBits(String why) {
    return oneOf("bits", Set.of("2", "3", "4", "8"), why, "Quantize to one of these widths.");
  }

  /// AWQ's one width.
  ///
  /// @param why what makes others impossible, a clause
  static Demand awqBits(String why) {
    return oneOf("bits", Set.of("4"), why, "Quantize to 4 bits.");
  }

  /// What loaders of AWQ ask for, by its older names too.
  static Demand awqKeys() {
    return keys("bits|w_bit", "group_size|q_group_size", "zero_point");
  }

  /// A pack of AutoRound is laid out as GPTQ's or AWQ's.
  static Demand autoRoundAsGptqOrAwq() {
    return oneOf(
        "packing_format",
        Set.of("auto_round:auto_gptq", "auto_round:auto_awq"),
        "it knows no other layouts of AutoRound",
        "Convert it with `marlin convert --to gptq` or `--to compressed-tensors`.");
  }

  /// How the inputs of FP8 get their scales.
  static Demand activationScheme() {
    return oneOf(
        "activation_scheme",
        Set.of("dynamic", "static"),
        "it knows no other",
        "Set it to \"dynamic\", unless input scales are stored.");
  }

  /// A number of the configuration lies strictly between two others, if it is there.
  static Demand between(String key, double low, double high) {
    return (subject, program, findings) -> {
      JsonNode said = said(subject).path(key);
      if (said.isNumber() && !(said.asDouble() > low && said.asDouble() < high)) {
        findings.error(
            FILE,
            "%s.%s is %s; %s takes only numbers between %s and %s"
                .formatted(KEY, key, said, program, low, high),
            "Set it to 0.01: loading does not use it.");
      }
    };
  }

  /// The quantization is described in `config.json`, and not only in a file of an older exporter.
  static Demand inConfigJson() {
    return (subject, program, findings) -> {
      if (!subject.quantization().isObject()) {
        findings.error(
            FILE,
            "has no %s; %s reads no other file and would take the weights for dense ones"
                .formatted(KEY, program),
            "Copy the content of the exporter's own file into it, with its quant_method.");
      }
    };
  }

  /// The algorithm of a ModelOpt checkpoint is one of these.
  static Demand algorithm(Set<String> algorithms) {
    return oneOf(
        "quant_algo",
        algorithms,
        "it has no kernel for others",
        "Convert it with `marlin convert`, or quantize to one of these.");
  }

  /// The model is of a type whose class in the program knows this family.
  static Demand modelType(Set<String> types, String why) {
    return (subject, program, findings) -> {
      String type = subject.config().flatMap(c -> c.text("model_type")).orElse("");
      if (!types.contains(type)) {
        findings.error(
            FILE,
            "model_type is \"%s\"; %s %s".formatted(type, program, why),
            "Convert it with `marlin convert`, or name the program that is to load it.");
      }
    };
  }

  /// Nothing to be wrong, but something to know.
  static Demand note(String reason, String remedy) {
    return (subject, program, findings) ->
        findings.warning(subject.folder().toString(), program + " " + reason, remedy);
  }

  /// `quantization_config`, or what an older file says in its place.
  static JsonNode said(Subject subject) {
    if (subject.quantization().isObject()) {
      return subject.quantization();
    }
    for (String name : OLDER) {
      Path file = subject.folder().resolve(name);
      if (subject.files().isPresent() && Files.exists(file)) {
        JsonNode root = JsonFiles.readObject(file, MAX_BYTES);
        return root.path("quantization").isObject() ? root.path("quantization") : root;
      }
    }
    return MissingNode.getInstance();
  }

  /// Writes what is wrong with a key.
  static void wrong(Findings findings, String key, String reason, String remedy) {
    findings.error(FILE, KEY + "." + key + " " + reason, remedy);
  }
}
