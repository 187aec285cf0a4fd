package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.tests.support.AsciiTokenizer;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Folders;
import io.metalmarlin.tests.support.Logits;
import io.metalmarlin.tests.support.RawCheckpoint;
import io.metalmarlin.tests.support.TinyModel;
import io.metalmarlin.tests.support.Unpacked;
import io.metalmarlin.tests.support.Unpacked.Stored;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Every small model of every family through the command line: what was written runs like a dense
/// model in the source's own layout with the values that were written. `marlin models` tells what
/// is done here.
@Tag("slow")
public class FamiliesTest {
  /// The methods that every family goes through.
  public static final List<String> METHODS = List.of("rtn", "mr-gptq");

  /// Families that loaders other than our own know packed in part only.
  private static final Set<String> MARLIN = Set.of("gpt_oss", "gpt2");

  /// Models with an inner width that no group of 16 divides, whose matrices down stay.
  private static final Set<String> UNEVEN =
      Set.of("falcon-one-key", "gpt2-scaled", "gpt2-unscaled", "olmoe", "qwen2_moe");

  /// Models stored as transformers itself stores the family.
  private static final Set<String> OWN = Set.of("granitemoe-own", "minimax-window", "mixtral-own");

  private static final String DOWN = "re:.*mlp\\.(.*\\.)?(c_proj|down_proj|dense_4h_to_h)$";

  /// Larger than the rounding of sums in another order, smaller than any code that is off by one.
  private static final Map<String, Float> WITHIN = Map.of("qwen3_next", 2e-3f);

  @TempDir Path work;

  static Stream<Arguments> runs() {
    return TinyModel.all().stream().flatMap(m -> METHODS.stream().map(x -> Arguments.of(m, x)));
  }

  @ParameterizedTest
  @MethodSource("runs")
  void a_quantized_model_runs_as_written(TinyModel tiny, String method) throws IOException {
    Path source = Folders.copy(tiny.folder(), work.resolve("source"));
    AsciiTokenizer.write(source);
    Path out = work.resolve("out");
    quantize(tiny, source, out, method);
    assertThat(packed(out)).isNotEmpty();
    Path dense = work.resolve("dense");
    Stored stored = OWN.contains(tiny.name()) ? Stored.own() : Stored.of(tiny.family());
    Unpacked.write(source, out, stored, dense);
    assertThat(Logits.difference(Logits.of(out, work), Logits.of(dense, work)))
        .isLessThan(WITHIN.getOrDefault(tiny.family(), 1e-3f));
  }

  private static void quantize(TinyModel tiny, Path source, Path out, String method) {
    List<Object> command = new ArrayList<>(List.of("quantize", source, "-o", out));
    command.addAll(List.of("--target", MARLIN.contains(tiny.family()) ? "marlin" : "vllm"));
    command.addAll(List.of("--transform", "none", "--method", method, "--eval-windows", 0));
    if (!method.equals("rtn")) {
      command.addAll(List.of("--samples", 16, "--seq-len", 48));
    }
    if (UNEVEN.contains(tiny.name())) {
      command.addAll(List.of("--ignore", DOWN));
    }
    Cli.run(command.toArray()).ok();
  }

  private static List<String> packed(Path folder) throws IOException {
    return RawCheckpoint.of(folder).tensors().keySet().stream()
        .filter(n -> n.endsWith(".weight_packed"))
        .toList();
  }
}
