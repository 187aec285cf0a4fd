package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Folders;
import io.metalmarlin.tests.support.RawCheckpoint;
import io.metalmarlin.tests.synthetic.SyntheticCheckpoint;
import io.metalmarlin.tests.synthetic.SyntheticShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// A plan's numbers are those of the run.
class PlanTest {
  @TempDir Path work;

  @ParameterizedTest
  @ValueSource(strings = {"vllm", "trtllm", "marlin"})
  void sizes_equal_those_written(String target) throws IOException {
    Path out = work.resolve("out");
    Object[] command =
        Models.quantize(Models.twoBlocks(), out, "--target", target, "--method", "rtn", "--json");
    Object[] dry = Arrays.copyOf(command, command.length + 1);
    dry[command.length] = "--dry-run";
    JsonNode plan = Cli.run(dry).ok().result();
    assertThat(Folders.names(work)).as("a dry run writes nothing").isEmpty();

    JsonNode done = Cli.run(command).ok().result();

    long written =
        RawCheckpoint.of(out).tensors().values().stream().mapToLong(t -> t.data().length).sum();
    assertThat(plan.get("output_bytes").asLong()).isEqualTo(written);
    assertThat(done.get("output_bytes").asLong()).isEqualTo(written);
    assertThat(plan.get("source_bytes").asLong())
        .isEqualTo(
            RawCheckpoint.of(Models.twoBlocks()).tensors().values().stream()
                .mapToLong(t -> t.data().length)
                .sum());
    assertThat(plan.at("/estimate/disk_bytes").asLong())
        .isGreaterThanOrEqualTo(Files.size(out.resolve("model.safetensors")));
  }

  @Test
  void plan_is_quantize_dry_run() {
    Path out = work.resolve("out");
    JsonNode plan =
        Cli.run("plan", Models.twoBlocks(), "-o", out, "--method", "rtn", "--json").ok().result();
    JsonNode dry =
        Cli.run("quantize", Models.twoBlocks(), "-o", out, "--method", "rtn", "--dry-run", "--json")
            .ok()
            .result();
    assertThat(plan.get("tensors")).isEqualTo(dry.get("tensors"));
    assertThat(plan.get("recipe")).isEqualTo(dry.get("recipe"));
  }

  @Test
  void every_tensor_of_the_source_is_in_it_once() throws IOException {
    JsonNode plan =
        Cli.run("plan", Models.twoBlocks(), "-o", work.resolve("out"), "--json").ok().result();
    assertThat(
            plan.get("tensors")
                .valueStream()
                .map(t -> t.get("name").asString())
                .map(n -> n.endsWith(".weight") ? n : n + ".weight"))
        .containsExactlyInAnyOrderElementsOf(
            RawCheckpoint.of(Models.twoBlocks()).tensors().keySet());
  }

  @Test
  void every_reason_to_refuse_is_told_at_once() throws IOException {
    Path out = Files.createDirectories(work.resolve("out"));
    Path model = work.resolve("model");
    SyntheticShape odd = SyntheticShape.small("llama").withHidden(72);
    SyntheticCheckpoint.write(model, odd, 1, Long.MAX_VALUE, Models.twoBlocks());

    var run = Cli.run("plan", model, "-o", out, "--method", "rtn", "--json");

    assertThat(run.exit()).as("%s", run).isEqualTo(3);
    assertThat(run.json().at("/result/refusals").valueStream().map(r -> r.get("code").asString()))
        .contains("E321", "E301");
  }
}
