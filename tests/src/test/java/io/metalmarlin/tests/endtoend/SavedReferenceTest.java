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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A reference that was kept as a file is the reference that runs.
class SavedReferenceTest {
  @TempDir Path work;

  private Path text = Path.of("");
  private Path file = Path.of("");

  @BeforeEach
  void files() throws IOException {
    String all = Files.readString(Shared.path("text", "heldout-mixed.txt"));
    text = Files.writeString(work.resolve("text.txt"), all.substring(0, 30_000));
    file = work.resolve("reference.safetensors");
  }

  @Test
  void every_figure_is_that_of_the_run_itself() throws IOException {
    Path source = Models.sixBlocks();
    Path out = work.resolve("out");
    Cli.run(Models.quantize(source, out, "--method", "rtn")).ok();
    JsonNode saved =
        Cli.run("eval", source, "--text", text, "--save-reference", file, "--json").ok().result();
    JsonNode direct =
        Cli.run("eval", out, "--reference", source, "--text", text, "--json").ok().result();
    JsonNode stored =
        Cli.run("eval", out, "--reference", file, "--text", text, "--json").ok().result();
    assertThat(direct.at("/divergence/kld/mean").asDouble()).isPositive();
    assertThat(stored.get("divergence")).isEqualTo(direct.get("divergence"));
    assertThat(stored.get("perplexity")).isEqualTo(direct.get("perplexity"));
    assertThat(stored.at("/divergence/reference_perplexity").asDouble())
        .isEqualTo(saved.at("/perplexity/mean").asDouble());
    try (Stream<Path> left = Files.list(work)) {
      assertThat(left.filter(p -> p.toString().contains(".partial-"))).isEmpty();
    }
  }

  @Test
  void other_windows_another_text_and_another_source_are_refused() throws IOException {
    Path source = Models.sixBlocks();
    Cli.run("eval", source, "--text", text, "--save-reference", file).ok();
    refused(List.of("eval", source, "--text", text, "--max-windows", 2), "--max-windows");
    refused(List.of("eval", source, "--text", text, "--context", 256), "windows of 512 tokens");
    Path other = work.resolve("other.txt");
    Files.writeString(other, "x" + Files.readString(text));
    refused(List.of("eval", source, "--text", other), "another text");

    Path moved = work.resolve("moved");
    Files.createDirectory(moved);
    copy(source, moved);
    Path own = work.resolve("own.safetensors");
    Cli.run("eval", moved, "--text", text, "--save-reference", own).ok();
    Files.delete(moved.resolve("model.safetensors"));
    Path rtn = work.resolve("rtn");
    Cli.run(Models.quantize(Models.sixBlocks(), rtn, "--method", "rtn")).ok();
    Run gone = Cli.run("eval", rtn, "--text", text, "--reference", own);
    assertThat(gone.exit()).isEqualTo(5);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path f : files.toList()) {
        Files.copy(f, to.resolve(f.getFileName()));
      }
    }
  }

  private void refused(List<Object> command, String word) {
    Object[] all = Stream.concat(command.stream(), Stream.of("--reference", file)).toArray();
    Run run = Cli.run(all);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("error[E201] --reference").contains(word);
  }
}
