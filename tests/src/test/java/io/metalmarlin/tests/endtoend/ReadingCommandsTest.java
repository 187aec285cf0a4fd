package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.RawCheckpoint;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `inspect`, `eval` and `run`, on a dense checkpoint, on a peer's pack and on our own.
class ReadingCommandsTest {
  @TempDir Path work;

  @Test
  void inspect_tells_scheme_dialect_and_bits_of_a_peers_pack() {
    JsonNode r =
        Cli.run("inspect", Shared.path("packs", "ct", "NVFP4A16-2l"), "--json").ok().result();
    assertThat(r.get("dialect").asString()).isEqualTo("compressed-tensors");
    assertThat(r.at("/quantized/bits_per_weight").asDouble()).isCloseTo(4.5, within(0.01));
  }

  @Test
  void inspect_lists_every_tensor_of_a_dense_checkpoint() throws IOException {
    JsonNode r = Cli.run("inspect", Models.twoBlocks(), "--json").ok().result();
    assertThat(r.get("tensors").valueStream().map(t -> t.get("name").asString()))
        .containsExactlyInAnyOrderElementsOf(
            RawCheckpoint.of(Models.twoBlocks()).tensors().keySet());
  }

  @Test
  void logits_of_the_golden_positions_are_within_two_thousandths() throws IOException {
    Path golden = Models.sixBlocks().resolve("golden_logits.safetensors");
    var tensors = RawCheckpoint.file(golden).tensors();
    RawCheckpoint.Tensor ids = tensors.get("input_ids");
    float[] expected = tensors.get("logits").floats();
    Path dump = work.resolve("logits.safetensors");

    Cli.run("eval", Models.sixBlocks(), "--input-ids", text(ids), "--dump-logits", dump).ok();

    float[] ours = RawCheckpoint.file(dump).tensors().get("logits").floats();
    assertThat(ours).hasSameSizeAs(expected);
    for (int i = 0; i < ours.length; i++) {
      assertThat(ours[i]).as("logit %d", i).isCloseTo(expected[i], within(2e-3f));
    }
  }

  @Test
  void a_model_measured_against_itself_has_no_divergence() throws IOException {
    Path text = Files.writeString(work.resolve("text.txt"), "One more word. ".repeat(800));
    JsonNode r =
        Cli.run(
                "eval",
                Models.twoBlocks(),
                "--reference",
                Models.twoBlocks(),
                "--text",
                text,
                "--json")
            .ok()
            .result();
    assertThat(r.at("/divergence/kld/mean").asDouble()).isCloseTo(0, within(1e-9));
    assertThat(r.at("/divergence/top1/mean").asDouble()).isEqualTo(1);
  }

  @Test
  void eval_reads_what_quantize_wrote_and_the_better_method_is_nearer() throws IOException {
    Path text = Shared.path("text", "heldout-mixed.txt");
    Path some = work.resolve("some.txt");
    Files.writeString(some, Files.readString(text).substring(0, 60_000));
    double absmax = kld(some, "--method", "rtn", "--scales", "absmax");
    double rtn = kld(some, "--method", "rtn");
    assertThat(absmax).isPositive();
    assertThat(rtn).isPositive().isLessThan(absmax);
  }

  @Test
  void greedy_text_repeats_and_a_seed_decides_sampled_text() {
    String greedy = generated("-n", 12, "--temp", 0);
    assertThat(greedy).isNotBlank().isEqualTo(generated("-n", 12, "--temp", 0));
    String sampled = generated("-n", 24, "--temp", 1.5, "--seed", 1);
    assertThat(sampled).isEqualTo(generated("-n", 24, "--temp", 1.5, "--seed", 1));
    assertThat(sampled).isNotEqualTo(generated("-n", 24, "--temp", 1.5, "--seed", 2));
  }

  @Test
  void a_quantized_checkpoint_runs() throws IOException {
    Path out = work.resolve("out");
    Cli.run(Models.quantize(Models.sixBlocks(), out, "--method", "rtn")).ok();
    Run run = Cli.run("run", out, "--prompt", "The", "-n", 8, "--temp", 0).ok();
    assertThat(run.out()).isNotBlank();
  }

  @Test
  void a_rounded_cache_is_told_with_its_size_and_measured_through() throws IOException {
    String prompt = "One more word. ".repeat(20);
    JsonNode run =
        Cli.run("run", Models.sixBlocks(), "-p", prompt, "-n", 8, "--kv-cache", "int4", "--json")
            .ok()
            .result();
    // 6 layers, keys and values of 2 heads of 64: 34 bytes a row, and 31 rows in fp32.
    long positions = run.at("/kv_cache/positions").asLong();
    assertThat(run.at("/kv_cache/format").asString()).isEqualTo("int4");
    assertThat(run.at("/kv_cache/bytes").asLong()).isEqualTo(24 * (34 * positions + 31 * 64 * 4));

    Path text = work.resolve("text.txt");
    String all = Files.readString(Shared.path("text", "heldout-mixed.txt"));
    Files.writeString(text, all.substring(0, 20_000));
    double int8 = cacheKld(text, "int8");
    assertThat(int8).isPositive().isLessThan(1e-3);
    assertThat(cacheKld(text, "int4")).isBetween(2 * int8, .05);
  }

  private static double cacheKld(Path text, String format) {
    Path model = Models.sixBlocks();
    JsonNode r =
        Cli.run("eval", model, "--reference", model, "--text", text, "--kv-cache", format, "--json")
            .ok()
            .result();
    assertThat(r.at("/kv_cache/format").asString()).isEqualTo(format);
    return r.at("/divergence/kld/mean").asDouble();
  }

  private String generated(Object... flags) {
    Object[] all = new Object[4 + flags.length];
    System.arraycopy(
        new Object[] {"run", Models.sixBlocks(), "--prompt", "Once upon"}, 0, all, 0, 4);
    System.arraycopy(flags, 0, all, 4, flags.length);
    return Cli.run(all).ok().out();
  }

  private double kld(Path text, Object... flags) throws IOException {
    Path out = work.resolve("q" + flags.length);
    Cli.run(Models.quantize(Models.sixBlocks(), out, flags)).ok();
    return Cli.run("eval", out, "--reference", Models.sixBlocks(), "--text", text, "--json")
        .ok()
        .result()
        .at("/divergence/kld/mean")
        .asDouble();
  }

  private static String text(RawCheckpoint.Tensor ids) {
    ByteBuffer b = ByteBuffer.wrap(ids.data()).order(ByteOrder.LITTLE_ENDIAN);
    int width = ids.dtype().equals("I64") ? 8 : 4;
    return IntStream.range(0, ids.data().length / width)
        .mapToObj(i -> Long.toString(width == 8 ? b.getLong(8 * i) : b.getInt(4 * i)))
        .collect(Collectors.joining(","));
  }
}
