package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.model.NamedSchemes;
import io.metalmarlin.formats.open.OpenModel;
import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.quant.plan.Target;
import io.metalmarlin.quant.solve.Solver;
import io.metalmarlin.quant.solve.Solvers;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Run;
import io.metalmarlin.tests.synthetic.SyntheticCheckpoint;
import io.metalmarlin.tests.synthetic.SyntheticShape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// Every scheme of integers in every group size with every method for every target: written so that
/// `verify` finds nothing wrong, or refused with a reason and a way out.
class IntegersTest {
  private static final List<String> GROUPS = List.of("32", "64", "128", "channel");

  @TempDir static Path work;
  private static Path model;

  @BeforeAll
  static void tiny() throws IOException {
    model = work.resolve("tiny");
    SyntheticShape shape = new SyntheticShape("qwen3", 1, 128, 128, 4, 2, 32, 512);
    SyntheticCheckpoint.write(
        model, shape, 3, Long.MAX_VALUE, Shared.path("packs", "base", "qwen3-2l"));
  }

  static Stream<Target> targets() {
    return Target.ALL.stream();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void everySchemeGroupAndMethodIsWrittenOrRefusedWithAReason(Target target) {
    Set<String> written = new TreeSet<>();
    for (NamedSchemes.Entry scheme : NamedSchemes.ALL) {
      for (String group : scheme.grouped() ? GROUPS : List.<String>of()) {
        boolean first = writes(target, scheme.name(), group, Solvers.ALL.getFirst());
        for (Solver solver : Solvers.ALL.subList(1, Solvers.ALL.size())) {
          assertThat(writes(target, scheme.name(), group, solver)).isEqualTo(first);
        }
        if (first) {
          written.add(scheme.name() + " " + group);
        }
      }
    }
    assertThat(written).isEqualTo(sayable(target));
  }

  private static Set<String> sayable(Target target) {
    List<String> all = List.of("W4A16", "W4A16_ASYM", "W8A16", "W3A16", "W2A16");
    List<String> four = List.of("W4A16", "W4A16_ASYM");
    return switch (target.dialect()) {
      case "compressed-tensors", "gptq", "marlin" -> product(all, GROUPS);
      case "awq" -> product(four, GROUPS);
      // Kernels for these groups only; all are stored with biases.
      case "mlx" -> product(all, List.of("32", "64", "128"));
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
    Path out = work.resolve(what);
    Run run =
        Cli.run(
            Models.quantize(
                model,
                out,
                "--scheme",
                scheme,
                "--group-size",
                group,
                "--target",
                target.name(),
                "--method",
                solver.name()));
    if (run.exit() != 0) {
      assertThat(run.exit()).as("%s", run).isEqualTo(3);
      assertThat(run.err()).contains(scheme, target.name(), "no byte layout", "Use --");
      assertThat(out).doesNotExist();
      return false;
    }
    String loader = Set.of("gptq", "awq").contains(target.name()) ? "vllm" : target.name();
    Run verified = Cli.run("verify", out, "--target", loader, "--json").ok();
    for (JsonNode finding : verified.result().get("findings")) {
      // What a made-up source lacks.
      assertThat(finding.get("code").asString()).as("%s", verified).isIn("chat-template", "eos");
    }
    try (OpenModel opened = OpenModel.open(out)) {
      assertThat(opened.dialect().modules(opened.config(), opened.checkpoint())).hasSize(7);
    }
    return true;
  }
}
