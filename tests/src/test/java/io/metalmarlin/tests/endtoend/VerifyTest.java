package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// `verify` on peers' packs and on our own, whole and spoilt.
class VerifyTest {
  @TempDir Path work;

  static Stream<PeerPack> packs() {
    return PeerPack.all();
  }

  @ParameterizedTest
  @MethodSource("packs")
  void a_peers_pack_with_its_tokenizer_has_no_error_for_its_own_target(PeerPack pack)
      throws IOException {
    Run run =
        Cli.run("verify", pack.complete(work.resolve("p")), "--target", pack.target(), "--json");
    assertThat(errors(run)).isEmpty();
    assertThat(run.exit()).isZero();
  }

  /// The base of the pack of experts is a model cut in a way that is not among the shared data.
  static Stream<PeerPack> packsWithBase() {
    return packs().filter(p -> !p.name().startsWith("moe"));
  }

  @ParameterizedTest
  @MethodSource("packsWithBase")
  void every_matrix_of_a_peers_pack_is_near_its_base(PeerPack pack) throws IOException {
    Run run =
        Cli.run(
            "verify",
            pack.complete(work.resolve("p")),
            "--against",
            pack.base(),
            "--max-windows",
            0,
            "--json");
    assertThat(errors(run)).isEmpty();
    JsonNode worst = run.result().at("/against/worst");
    assertThat(worst.size()).isPositive();
    assertThat(worst.get(0).get("relative_error").asDouble()).isBetween(0.001, 0.9);
  }

  @Test
  void our_own_pack_is_clean_and_its_divergence_is_measured() throws IOException {
    Path out = work.resolve("out");
    Cli.run(Models.quantize(Models.sixBlocks(), out, "--method", "rtn")).ok();
    JsonNode r =
        Cli.run(
                "verify",
                out,
                "--target",
                "vllm",
                "--against",
                Models.sixBlocks(),
                "--max-windows",
                2,
                "--json")
            .ok()
            .result();
    assertThat(r.get("errors").asInt()).isZero();
    assertThat(r.at("/against/measured/divergence/kld/mean").asDouble()).isBetween(0.0, 0.5);
  }

  @Test
  void rotated_weights_are_compared_in_their_basis() throws IOException {
    Path out = work.resolve("out");
    Cli.run(
            Models.quantize(
                Models.twoBlocks(),
                out,
                "--method",
                "rtn",
                "--transform",
                "had16",
                "--target",
                "marlin"))
        .ok();
    JsonNode r =
        Cli.run("verify", out, "--against", Models.twoBlocks(), "--max-windows", 0, "--json")
            .ok()
            .result();
    assertThat(r.at("/against/worst/0/relative_error").asDouble()).isBetween(0.05, 0.15);
  }

  @Test
  void findings_are_one_line_each_and_end_with_exit_code_4() throws IOException {
    Path pack = packs().findFirst().orElseThrow().complete(work.resolve("p"));
    Files.delete(pack.resolve("tokenizer.json"));
    Run run = Cli.run("verify", pack, "--tp", 3);
    assertThat(run.exit()).isEqualTo(4);
    assertThat(run.out().lines())
        .anyMatch(l -> l.startsWith("error[tokenizer] tokenizer.json: is missing"))
        .anyMatch(l -> l.startsWith("error[tensor-parallel] "))
        .anyMatch(l -> l.startsWith("warning[chat-template] "))
        .allMatch(l -> l.matches("(error|warning)\\[[a-z-]+] .+: .+\\..+\\.|.* errors?, .*"));
    Files.writeString(pack.resolve("qwen.tiktoken"), "IQ== 0\n");
    assertThat(Cli.run("verify", pack).out()).doesNotContain("error[tokenizer]");
  }

  @Test
  void a_folder_without_a_model_is_a_finding_and_no_folder_is_an_error_of_input() {
    assertThat(Cli.run("verify", work).exit()).isEqualTo(4);
    assertThat(Cli.run("verify", work.resolve("nowhere")).exit()).isEqualTo(5);
  }

  @Test
  void a_file_that_is_no_checkpoint_is_one_thing_to_say() throws IOException {
    Path text = Files.writeString(work.resolve("notes.txt"), "hi");
    Run run = Cli.run("verify", text);
    assertThat(run.exit()).isEqualTo(4);
    assertThat(run.out().lines().filter(l -> !l.startsWith("error[config]")))
        .satisfiesExactly(
            l -> assertThat(l).startsWith("error[file] notes.txt: is not a kind of checkpoint"),
            l -> assertThat(l).endsWith("errors, 0 warnings"));
  }

  @Test
  void a_gguf_file_that_is_cut_off_is_one_thing_to_say() throws IOException {
    byte[] whole = Files.readAllBytes(Shared.path("packs", "gguf", "Q8_0", "model.gguf"));
    Path cut = Files.write(work.resolve("x.gguf"), java.util.Arrays.copyOf(whole, 100_000));
    Run run = Cli.run("verify", cut);
    assertThat(run.exit()).isEqualTo(4);
    assertThat(run.out().lines())
        .satisfiesExactly(
            l -> assertThat(l).contains("cut off at byte 100,000"),
            l -> assertThat(l).endsWith("1 error, 0 warnings"));
  }

  @Test
  void a_version_whose_rules_are_not_known_is_a_wrong_flag() {
    Run run = Cli.run("verify", Models.twoBlocks(), "--target", "vllm@9");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("vllm 0.19 to 0.33 (rules change at 0.22, 0.24)");
  }

  private static List<String> errors(Run run) {
    return run.result()
        .get("findings")
        .valueStream()
        .filter(f -> f.get("severity").asString().equals("error"))
        .map(JsonNode::toString)
        .toList();
  }
}
