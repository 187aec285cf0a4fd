package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.scheme.ggml.BlockCodecs;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Folders;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// Every shared pack, and every block type of ggml, to every dialect, with and without permission
/// to round: it is converted, and then `verify` sees the loss that was reported, or it is refused
/// with a reason, a remedy and no trace on the disk.
@Tag("slow")
class PackWalkTest {
  private static final List<String> TARGETS =
      List.of("hf", "compressed-tensors", "modelopt", "mlx", "gptq", "awq", "gguf", "marlin");

  private static final String LOSSY = "--allow-lossy";

  @TempDir Path work;

  static Stream<Path> packs() throws IOException {
    List<Path> all = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Shared.path("packs"))) {
      files
          .filter(f -> f.endsWith("model.safetensors") || f.endsWith("model.gguf"))
          .forEach(f -> all.add(f.endsWith("model.gguf") ? f : f.getParent()));
    }
    return all.stream().sorted();
  }

  /// Types that a model can be rounded to; those with codebooks are only read.
  static Stream<DType> blockTypes() {
    return Stream.of(DType.values())
        .filter(DType::isBlock)
        .filter(t -> BlockCodecs.ALL.stream().anyMatch(c -> c.type() == t && c.writes()));
  }

  @ParameterizedTest
  @MethodSource("packs")
  void a_pack_converts_or_says_why_not(Path pack) throws IOException {
    everywhere(withTokenizer(pack));
  }

  @ParameterizedTest
  @MethodSource("blockTypes")
  void a_model_of_blocks_converts_or_says_why_not(DType type) throws IOException {
    Path source = work.resolve("pack-" + type);
    Cli.run("convert", Models.twoBlocks(), "-o", source, "--to", "gguf", "--scheme", type, LOSSY)
        .ok();
    everywhere(source);
  }

  private void everywhere(Path source) throws IOException {
    List<String> wrong = new ArrayList<>();
    for (String target : TARGETS) {
      for (String flags : List.of("", LOSSY)) {
        walk(source, target, flags).forEach(w -> wrong.add(target + " " + flags + ": " + w));
      }
    }
    assertThat(wrong).isEmpty();
  }

  private List<String> walk(Path source, String target, String flags) throws IOException {
    Path out = work.resolve(target + flags + "-out");
    List<Object> command = new ArrayList<>(List.of("convert", source, "-o", out, "--to", target));
    command.add("--json");
    if (!flags.isEmpty()) {
      command.add(flags);
    }
    Run run = Cli.run(command.toArray());
    List<String> wrong = new ArrayList<>();
    if (run.err().contains("Exception") || run.err().contains("\tat ") || run.exit() == 1) {
      wrong.add("a bug: " + run);
    } else if (run.exit() == 0) {
      compare(source, out, run, wrong);
    } else {
      refused(run, wrong);
    }
    String name = out.getFileName().toString();
    if (run.exit() != 0 && Folders.names(work).stream().anyMatch(n -> n.startsWith(name))) {
      wrong.add("left behind: " + Folders.names(work));
    }
    return wrong;
  }

  private static void refused(Run run, List<String> wrong) {
    JsonNode error = run.json().get("error");
    if (error.get("hint").asString("").isBlank() || error.get("where").asString("").isBlank()) {
      wrong.add("no remedy: " + error);
    }
    if (run.exit() != 3) {
      wrong.add("exit " + run.exit() + ": " + error);
    }
  }

  /// The distance that `verify` finds is the one that was reported, 0 where nothing was rounded.
  private static void compare(Path source, Path out, Run run, List<String> wrong) {
    Map<String, Double> reported = new TreeMap<>();
    for (JsonNode t : run.result().get("tensors")) {
      reported.put(t.get("name").asString(), t.get("relative_error").asDouble(0));
    }
    Run verify = Cli.run("verify", out, "--against", source, "--max-windows", 1, "--json");
    JsonNode result = verify.result();
    if (verify.exit() != 0 || result == null) {
      wrong.add("verify ends with " + verify.exit() + ": " + verify.out());
      return;
    }
    JsonNode against = result.get("against");
    for (JsonNode w : against.get("worst")) {
      double found = w.get("relative_error").asDouble(Double.NaN);
      double said = reported.getOrDefault(w.get("module").asString(), 0.0);
      // Reports hold few digits more than a float has; a changed tensor scale rounds once.
      if (!(Math.abs(found - said) <= 1e-4 * said + 1e-6)) {
        wrong.add(w + ", reported " + said);
      }
    }
  }

  /// A pack is shared without the tokenizer of its base.
  private Path withTokenizer(Path pack) throws IOException {
    if (pack.toString().endsWith(".gguf")) {
      return pack;
    }
    Path copy = Folders.copy(pack, work.resolve("pack"));
    Path base =
        Shared.path(
            Files.size(pack.resolve("model.safetensors")) > 5_000_000
                ? "models/qwen3-7m"
                : "packs/base/qwen3-2l");
    for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
      if (!Files.exists(copy.resolve(name))) {
        Files.copy(base.resolve(name), copy.resolve(name));
      }
    }
    return copy;
  }
}
