package io.metalmarlin.tests.endtoend;

import io.metalmarlin.formats.testing.Shared;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// The checkpoints that end-to-end tests quantize.
final class Models {
  /// Names of a block's linear modules, in running order.
  private static final List<String> LINEARS =
      List.of(
          "self_attn.q_proj",
          "self_attn.k_proj",
          "self_attn.v_proj",
          "self_attn.o_proj",
          "mlp.gate_proj",
          "mlp.up_proj",
          "mlp.down_proj");

  private Models() {}

  /// Two blocks of a trained model, vocabulary 512: the base of the peers' packs.
  static Path twoBlocks() {
    return Shared.path("packs", "base", "qwen3-2l");
  }

  /// Six blocks, trained, 7 million weights.
  static Path sixBlocks() {
    return Shared.path("models", "qwen3-7m");
  }

  /// Names of the linear modules of `blocks` blocks.
  static List<String> linears(int blocks) {
    return IntStream.range(0, blocks)
        .boxed()
        .flatMap(b -> LINEARS.stream().map(l -> "model.layers." + b + "." + l))
        .toList();
  }

  /// `quantize MODEL -o OUT FLAGS` without a proof and, where the method calibrates, with 8 windows
  /// of 128 tokens, so that a test takes seconds.
  static Object[] quantize(Path model, Path out, Object... flags) {
    List<Object> command = new ArrayList<>(List.of("quantize", model, "-o", out));
    command.addAll(List.of("--eval-windows", 0));
    if (!List.of(flags).contains("rtn")) {
      command.addAll(List.of("--samples", 8, "--seq-len", 128));
    }
    command.addAll(List.of(flags));
    return command.toArray();
  }
}
