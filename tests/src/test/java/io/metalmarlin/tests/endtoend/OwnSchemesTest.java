package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.model.NamedSchemes;
import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.quant.plan.Target;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Run;
import io.metalmarlin.tests.synthetic.SyntheticCheckpoint;
import io.metalmarlin.tests.synthetic.SyntheticShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Codebooks and trellis codes, which only our own target stores: written so that `verify` and
/// `eval` read them, the same bytes for any number of threads, and refused elsewhere.
class OwnSchemesTest {
  @TempDir static Path work;
  private static Path model;
  private static Path text;

  @BeforeAll
  static void tiny() throws IOException {
    model = work.resolve("tiny");
    SyntheticShape shape = new SyntheticShape("qwen3", 1, 128, 128, 4, 2, 32, 512);
    SyntheticCheckpoint.write(
        model, shape, 3, Long.MAX_VALUE, Shared.path("packs", "base", "qwen3-2l"));
    String some = Files.readString(Shared.path("text", "heldout-mixed.txt")).substring(0, 2000);
    text = Files.writeString(work.resolve("some.txt"), some);
  }

  static Stream<String> schemes() {
    return NamedSchemes.ALL.stream()
        .filter(NamedSchemes.Entry::grouped)
        .map(NamedSchemes.Entry::name)
        .filter(name -> !name.startsWith("W"));
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void marlinWritesAndReadsIt(String scheme) throws IOException {
    Path again = work.resolve(scheme + "-again");
    quantize(again, scheme, "32", "marlin", "full", 2).ok();
    for (String group : List.of("32", "channel")) {
      Path out = work.resolve(scheme + "-" + group);
      quantize(out, scheme, group, "marlin", "full", 1).ok();
      Cli.run("verify", out, "--target", "marlin", "--json").ok();
      Cli.run("eval", out, "--reference", model, "--text", text, "--max-windows", 1).ok();
    }
    assertThat(again.resolve("model.safetensors"))
        .hasSameBinaryContentAs(work.resolve(scheme + "-32").resolve("model.safetensors"));
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void otherTargetsRefuseIt(String scheme) {
    for (Target target : Target.ALL) {
      if (!target.name().equals("marlin")) {
        Path out = work.resolve(scheme + "-" + target.name());
        Run run = quantize(out, scheme, "32", target.name(), "gptq", 1);
        assertThat(run.exit()).as("%s", run).isEqualTo(3);
        assertThat(run.err()).contains(scheme, target.name(), "no byte layout", "marlin");
        assertThat(out).doesNotExist();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void aTrellisNeedsErrorFeedback(String scheme) {
    Path out = work.resolve(scheme + "-rtn");
    Run run =
        Cli.run(
            "quantize",
            model,
            "-o",
            out,
            "--scheme",
            scheme,
            "--target",
            "marlin",
            "--method",
            "rtn",
            "--eval-windows",
            0);
    assertThat(run.exit()).as("%s", run).isEqualTo(scheme.startsWith("T") ? 2 : 0);
    if (run.exit() != 0) {
      assertThat(run.err()).contains("codes whole columns together", "--method mr-gptq");
    }
  }

  private static Run quantize(
      Path out, String scheme, String group, String target, String method, int threads) {
    return Cli.run(
        "quantize",
        model,
        "-o",
        out,
        "--scheme",
        scheme,
        "--group-size",
        group,
        "--target",
        target,
        "--method",
        method,
        "--dataset",
        text,
        "--samples",
        2,
        "--seq-len",
        64,
        "--eval-windows",
        0,
        "--threads",
        threads);
  }
}
