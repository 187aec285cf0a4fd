package io.metalmarlin.quant.verify.load;

import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.quant.verify.Subject;
import io.metalmarlin.runtime.model.ModelSpec;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/// Demands on the tensors and the grids of their modules.
final class TensorDemands {
  private static final String HEAD = "lm_head";
  private static final Set<String> FUSED =
      Set.of("q_proj", "k_proj", "v_proj", "gate_proj", "up_proj");

  private TensorDemands() {}

  /// Every module is on a grid that the program has a kernel for.
  ///
  /// @param takes what it takes, for people
  static Demand grids(Predicate<Scheme> accepted, String takes) {
    return (subject, program, findings) -> {
      for (PackedModule m : subject.modules().values()) {
        if (!accepted.test(m.packing().scheme())) {
          findings.error(
              m.stem(),
              "is stored as %s; %s takes %s".formatted(m.packing().scheme().name(), program, takes),
              "Convert it with `marlin convert`, or quantize to such a grid.");
        }
      }
    };
  }

  /// Modules on a grid are run by a part of the program that not every installation has.
  static Demand rare(Predicate<Scheme> rare, String reason, String remedy) {
    return (subject, program, findings) -> {
      List<String> stems =
          subject.modules().values().stream()
              .filter(m -> rare.test(m.packing().scheme()))
              .map(PackedModule::stem)
              .toList();
      if (!stems.isEmpty()) {
        findings.warning(
            stems.getFirst(),
            "%s (this and %d other modules)".formatted(program + " " + reason, stems.size() - 1),
            remedy);
      }
    };
  }

  /// No tensor has a name with that end.
  static Demand none(String suffix, String reason, String remedy) {
    return (subject, program, findings) ->
        subject.checkpoint().tensors().keySet().stream()
            .filter(t -> t.endsWith(suffix))
            .findFirst()
            .ifPresent(t -> findings.error(t, program + " " + reason, remedy));
  }

  /// A quantized head is announced by `lm_head: true`: without it the loader expects a dense one.
  static Demand headAnnounced() {
    return (subject, program, findings) -> {
      boolean said = ConfigDemands.said(subject).path("lm_head").asBoolean(false);
      boolean packed = subject.modules().containsKey(HEAD);
      if (packed && !said) {
        ConfigDemands.wrong(
            findings,
            "lm_head",
            "is not true, but lm_head is quantized: %s would look for a dense one"
                .formatted(program),
            "Set it to true.");
      } else if (said && !packed && subject.checkpoint().tensors().containsKey(HEAD + ".weight")) {
        ConfigDemands.wrong(
            findings,
            "lm_head",
            "is true, but lm_head is stored dense: %s would look for its codes".formatted(program),
            "Set it to false.");
      }
    };
  }

  /// The head is dense.
  static Demand headDense() {
    return (subject, program, findings) -> {
      if (subject.modules().containsKey(HEAD)) {
        findings.error(
            HEAD,
            "is quantized; %s always takes it for a dense one".formatted(program),
            "Quantize again with --ignore lm_head.");
      }
    };
  }

  /// As [#denseListed] with AWQ's list, whose entries mean every module that has them in its name.
  static Demand awqDenseListed(boolean emptyMeansAll) {
    return denseListed(
        "modules_to_not_convert", (entry, module) -> module.contains(entry), emptyMeansAll);
  }

  /// Every dense linear is excluded by the configuration, where the model is known.
  ///
  /// @param key of the list of modules
  /// @param matches whether an entry of the list means a module
  /// @param emptyMeansAll an empty list is fine: the program then looks at the tensors itself
  static Demand denseListed(
      String key, BiPredicate<String, String> matches, boolean emptyMeansAll) {
    return (subject, program, findings) -> {
      JsonNode list = ConfigDemands.said(subject).path(key);
      List<String> entries = list.valueStream().map(e -> e.asString("")).toList();
      if (entries.isEmpty() && emptyMeansAll) {
        return;
      }
      for (String module : denseLinears(subject)) {
        if (entries.stream().noneMatch(e -> matches.test(e, module))) {
          findings.error(
              module,
              "is dense, and quantization_config.%s does not name it: %s would look for its codes"
                  .formatted(key, program),
              "Add it to the list.");
        }
      }
    };
  }

  /// Parts of a matrix that the program fuses are whole blocks of rows.
  static Demand fusedPartsWhole() {
    return (subject, program, findings) -> {
      for (PackedModule m : subject.modules().values()) {
        String last = m.stem().substring(m.stem().lastIndexOf('.') + 1);
        if (FUSED.contains(last)
            && m.packing().scheme() instanceof GroupScheme g
            && g.groupRows() > 1
            && g.groupRows() != GroupScheme.WHOLE
            && m.rows() % g.groupRows() != 0) {
          findings.error(
              m.stem(),
              "has %d rows, no whole number of blocks of %d; %s fuses it with its neighbours"
                  .formatted(m.rows(), g.groupRows(), program),
              "Leave the module in 16 bits, or use scales per channel.");
        }
      }
    };
  }

  /// Queries and keys of Llama 4 lie in tensors called `weight`: the loader reorders the rows of
  /// these alone (vLLM `llama4.py`, SGLang `mllama4.py`, `permute_qk_weight_for_rotary`).
  static Demand llama4HeadsUnpacked() {
    return (subject, program, findings) -> {
      if (subject.spec().filter(s -> s.family().equals("llama4_text")).isEmpty()) {
        return;
      }
      subject.modules().values().stream()
          .filter(m -> m.stem().endsWith(".q_proj") || m.stem().endsWith(".k_proj"))
          .filter(m ->
              m.packing().planes(m.rows(), m.cols()).stream()
                  .noneMatch(p -> p.suffix().equals("weight")))
          .findFirst()
          .ifPresent(m ->
              findings.error(
                  m.stem(),
                  "is packed; %s reorders the rows of these matrices when it loads Llama 4, but only of tensors called weight"
                      .formatted(program),
                  "Leave q_proj, k_proj and v_proj in their source type."));
    };
  }

  /// The dense linears of the blocks, where the architecture is known.
  private static List<String> denseLinears(Subject subject) {
    Optional<ModelSpec> spec = subject.spec();
    return spec.stream()
        .flatMap(s -> s.blocks().stream().flatMap(b -> b.linears().stream()))
        .map(l -> spec.orElseThrow().names().module(l.id()))
        .filter(m -> !subject.modules().containsKey(m))
        .filter(m -> subject.checkpoint().tensors().containsKey(m + ".weight"))
        .toList();
  }
}
