package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.model.NamedSchemes;
import io.metalmarlin.formats.open.OpenModel;
import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.quant.plan.Target;
import io.metalmarlin.quant.solve.Rtn;
import io.metalmarlin.quant.solve.Solver;
import io.metalmarlin.quant.solve.Solvers;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Run;
import io.metalmarlin.tests.synthetic.SyntheticCheckpoint;
import io.metalmarlin.tests.synthetic.SyntheticShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// Every scheme of integers in every group size with every method for every target: written so that
/// `verify` finds nothing wrong, or refused with a reason and a way out.
class IntegersTest {
  private static final List<String> GROUPS = List.of("32", "64", "128", "channel");

  private static final List<String> SCHEMES =
      NamedSchemes.ALL.stream()
          .filter(NamedSchemes.Entry::grouped)
          .map(NamedSchemes.Entry::name)
          .filter(name -> name.startsWith("W"))
          .toList();

  @TempDir static Path work;
  private static Path model;
  private static Path text;
  private static int count;

  @BeforeAll
  static void tiny() throws IOException {
    model = work.resolve("tiny");
    SyntheticShape shape = new SyntheticShape("qwen3", 1, 128, 128, 4, 2, 32, 512);
    SyntheticCheckpoint.write(
        model, shape, 3, Long.MAX_VALUE, Shared.path("packs", "base", "qwen3-2l"));
    String some = Files.readString(Shared.path("text", "heldout-mixed.txt")).substring(0, 2000);
    text = Files.writeString(work.resolve("some.txt"), some);
  }

  static Stream<Target> targets() {
    return Target.ALL.stream();
  }

  /// One calibrated method and one group for each scheme, both in turns: all of them would take
  /// minutes.
  @ParameterizedTest
  @MethodSource("targets")
  void everySchemeAndGroupIsWrittenOrRefusedWithAReason(Target target) {
    List<Solver> calibrated = calibrated();
    Set<String> written = new TreeSet<>();
    int turn = Target.ALL.indexOf(target);
    for (String scheme : SCHEMES) {
      String chosen = GROUPS.get(turn % GROUPS.size());
      Solver solver = calibrated.get((turn / GROUPS.size() + turn) % calibrated.size());
      for (String group : GROUPS) {
        List<Solver> others = group.equals(chosen) ? List.of(solver) : List.of();
        if (agree(target, scheme, group, others)) {
          written.add(scheme + " " + group);
        }
      }
      turn++;
    }
    assertThat(written).isEqualTo(sayable(target));
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("targets")
  void everyMethodWritesWhatAnyMethodWrites(Target target) {
    for (String scheme : SCHEMES) {
      for (String group : GROUPS) {
        boolean written = agree(target, scheme, group, calibrated());
        assertThat(written).isEqualTo(sayable(target).contains(scheme + " " + group));
      }
    }
  }

  private static List<Solver> calibrated() {
    return Solvers.ALL.stream().filter(Solver::needsStatistics).toList();
  }

  /// What all methods do alike.
  private static boolean agree(Target target, String scheme, String group, List<Solver> others) {
    boolean first = writes(target, scheme, group, new Rtn());
    for (Solver solver : others) {
      assertThat(writes(target, scheme, group, solver)).isEqualTo(first);
    }
    return first;
  }

  private static Set<String> sayable(Target target) {
    List<String> four = List.of("W4A16", "W4A16_ASYM");
    return switch (target.dialect()) {
      case "compressed-tensors", "marlin" -> product(SCHEMES, GROUPS);
      // Its words hold whole codes of widths that loaders unpack.
      case "gptq" -> product(SCHEMES.stream().filter(s -> !s.equals("W6A16")).toList(), GROUPS);
      case "awq" -> product(four, GROUPS);
      // Kernels for these groups only; all are stored with biases.
      case "mlx" -> product(SCHEMES, List.of("32", "64", "128"));
      // Q4_0, Q4_1 and Q8_0.
      case "gguf" -> product(List.of("W4A16", "W4A16_ASYM", "W8A16"), List.of("32"));
      case "modelopt" -> Set.of();
      default -> throw new AssertionError("no line here for target " + target.name());
    };
  }

  private static Set<String> product(List<String> schemes, List<String> groups) {
    return schemes.stream()
        .flatMap(s -> groups.stream().map(g -> s + " " + g))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static boolean writes(Target target, String scheme, String group, Solver solver) {
    String what = "%s-%s-%s-%s".formatted(target.name(), scheme, group, solver.name());
    Path out = work.resolve(what + "-" + count++);
    List<Object> command = new ArrayList<>(List.of("quantize", model, "-o", out));
    command.addAll(List.of("--scheme", scheme, "--group-size", group, "--eval-windows", 0));
    command.addAll(List.of("--target", target.name(), "--method", solver.name()));
    if (solver.needsStatistics()) {
      // Folds are chosen before any scheme is looked at; FoldTest has them.
      command.addAll(List.of("--dataset", text, "--samples", 2, "--seq-len", 64, "--fold", "none"));
    }
    Run run = Cli.run(command.toArray());
    if (run.exit() != 0) {
      assertThat(run.exit()).as("%s", run).isEqualTo(3);
      assertThat(run.err()).contains(scheme, target.name(), "no byte layout", "Use --");
      assertThat(out).doesNotExist();
      return false;
    }
    if (solver.needsStatistics()) {
      return true;
    }
    // SGLang takes every width of GPTQ and zero points; vLLM since 0.22 only some.
    String loader = Set.of("gptq", "awq").contains(target.name()) ? "sglang" : target.name();
    Run verified = Cli.run("verify", out, "--target", loader, "--json").ok();
    for (JsonNode finding : verified.result().get("findings")) {
      // What a made-up source lacks; vLLM's note on rare widths is a warning too.
      assertThat(finding.get("severity").asString()).as("%s", verified).isEqualTo("warning");
      assertThat(finding.get("code").asString())
          .as("%s", verified)
          .isIn("chat-template", "eos", "target");
    }
    try (OpenModel opened = OpenModel.open(out)) {
      assertThat(opened.dialect().modules(opened.config(), opened.checkpoint())).hasSize(7);
    }
    return true;
  }
}
