package io.metalmarlin.cli.args;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The table of aliases: what users of llm-compressor, ModelOpt, GPTQModel, AutoRound, mlx-lm and
/// llama.cpp type by habit. Only flags whose feature this version has are here; anything else is an
/// unknown flag, never an ignored one.
final class Aliases {
  private static final Set<String> QUANTIZE = Set.of("quantize", "plan");
  private static final Set<String> MODEL =
      Set.of("quantize", "plan", "sensitivity", "convert", "eval", "verify", "run", "inspect");

  static final List<Alias> ALL = all();

  private Aliases() {}

  static Optional<Alias> find(String command, String name) {
    return ALL.stream()
        .filter(a -> a.name().equals(name) && a.commands().contains(command))
        .findFirst();
  }

  /// What a note calls the canonical form of `MODEL`, which is no flag.
  static final String POSITIONAL = "MODEL";

  private static List<Alias> all() {
    List<Alias> out = new ArrayList<>();
    for (String n :
        List.of("--model", "-m", "--hf-path", "--model-name-or-path", "--pyt-ckpt-path", "-i")) {
      out.add(new Alias(n, MODEL, true, List::of));
    }
    renamed(
        out,
        Map.of(
            "--output", "--output-dir --export-path --mlx-path --save-path --outfile",
            "--scheme", "--qformat",
            "--group-size", "--q-group-size",
            "--dataset", "-c --calibration --data-path -f",
            "--samples", "--nsamples --num-samples --calib-size --cal-rows",
            "--seq-len", "--seqlen --max-seq-length --calib-seq --cal-cols --sequence-length",
            "--ignore", "--ignore-layers",
            "--target-bpw", "--target-bits --effective-bits",
            "--damp", "--dampening-frac --percdamp --rel-damp"));
    for (String n : List.of("--bits", "--q-bits")) {
      out.add(new Alias(n, QUANTIZE, true, v -> List.of("--scheme", "W" + v + "A16")));
    }
    out.add(new Alias("-r", QUANTIZE, false, v -> List.of("--resume")));
    out.add(
        new Alias("--leave-output-tensor", QUANTIZE, false, v -> List.of("--ignore", "lm_head")));
    out.add(new Alias("--no-hadamard", QUANTIZE, false, v -> List.of("--transform", "none")));
    out.add(
        new Alias("--hadamard-group-size", QUANTIZE, true, v -> List.of("--transform", "had" + v)));
    out.add(new Alias("--iters", QUANTIZE, true, Aliases::iterations));
    out.add(new Alias("--actorder", QUANTIZE, true, Aliases::actOrder));
    out.add(new Alias("--desc-act", QUANTIZE, false, v -> actOrder("dynamic")));
    out.add(new Alias("--format", QUANTIZE, true, v -> List.of("--target", target(v))));
    out.add(new Alias("--to", QUANTIZE, true, v -> List.of("--target", target(v))));
    return List.copyOf(out);
  }

  private static void renamed(List<Alias> out, Map<String, String> table) {
    table.forEach((canonical, names) -> {
      for (String n : names.split(" ")) {
        out.add(new Alias(n, QUANTIZE, true, v -> List.of(canonical, v)));
      }
    });
  }

  private static List<String> iterations(String v) {
    if (v.equals("0")) {
      return List.of("--method", "rtn");
    }
    throw new MarlinException(
        ErrorCode.BAD_FLAG,
        "--iters " + v,
        "this version has no iterative tuning; only --iters 0 (= --method rtn) means something",
        "Use --method full, the best method here.");
  }

  private static List<String> actOrder(String v) {
    return switch (v.toLowerCase(Locale.ROOT)) {
      case "static", "weight" -> List.of("--order", "act");
      case "none", "false" -> List.of("--order", "natural");
      default ->
          throw new MarlinException(
              ErrorCode.BAD_FLAG,
              "--actorder " + v,
              "stores a permuted group index (g_idx), which slows every kernel down and is not written",
              "Use --order act: the same rounding order with groups in stored order.");
    };
  }

  private static String target(String v) {
    return switch (v.toLowerCase(Locale.ROOT).replace('-', '_')) {
      case "llm_compressor", "compressed_tensors" -> "vllm";
      case "modelopt" -> "trtllm";
      case "mlx", "mlx_lm" -> "mlx-lm";
      case "auto_gptq" -> "gptq";
      case "auto_awq" -> "awq";
      default -> v;
    };
  }
}
