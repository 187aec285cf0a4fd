package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.cli.out.Console;
import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.runtime.decode.GenerateOptions;
import io.metalmarlin.runtime.load.GenerationDefaults;
import io.metalmarlin.runtime.model.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Flags that decide how tokens are chosen; what is not given comes from the model's
/// `generation_config.json`.
final class SamplingOptions {
  private static final int DEFAULT_COUNT = 128;
  private static final int DEFAULT_CHAT_COUNT = 1024;

  @Option(
      names = "-n",
      order = 20,
      paramLabel = "N",
      description = "Tokens to produce at most (128; an answer of a chat: 1024 or what fits).")
  @Nullable Integer count;

  @Option(
      names = "--temp",
      order = 21,
      paramLabel = "T",
      description =
          "Temperature; 0 takes the most probable token every time (the model's, else 0).")
  @Nullable Double temperature;

  @Option(
      names = "--top-k",
      order = 22,
      paramLabel = "K",
      description = "Sample from so many of the most probable tokens; 0 for all (the model's).")
  @Nullable Integer topK;

  @Option(
      names = "--top-p",
      order = 23,
      paramLabel = "P",
      description =
          "Sample from the most probable tokens that hold this share (the model's, else 1).")
  @Nullable Double topP;

  @Option(
      names = "--seed",
      order = 24,
      paramLabel = "N",
      description = "Of the random numbers (0).")
  @Nullable Long seed;

  @Option(names = "--ignore-eos", order = 25, description = "Go on after an end-of-text token.")
  boolean ignoreEos;

  /// @throws io.metalmarlin.formats.MarlinException `BAD_FLAG` for values that mean nothing
  void check() {
    if (count != null && count < 0) {
      throw UsageErrors.badValue("-n", count.toString(), "must not be negative");
    }
    if (temperature != null && !(temperature >= 0 && Double.isFinite(temperature))) {
      throw UsageErrors.badValue(
          "--temp", Figures.fixed(temperature, 2), "must be a number of at least 0");
    }
    if (topK != null && topK < 0) {
      throw UsageErrors.badValue("--top-k", topK.toString(), "must not be negative");
    }
    if (topP != null && !(topP > 0 && topP <= 1)) {
      throw UsageErrors.badValue("--top-p", topP.toString(), "must lie in (0, 1]");
    }
    if (temperature != null && temperature == 0) {
      checkGreedy();
    }
  }

  private void checkGreedy() {
    if (topP != null || topK != null || seed != null) {
      throw UsageErrors.conflict(
          topP != null ? "--top-p" : topK != null ? "--top-k" : "--seed",
          "has no effect at temperature 0, which draws nothing",
          "Add --temp, for example --temp 0.8.");
    }
  }

  /// The flags over the model's own settings, which are announced when they change anything.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `BAD_FLAG` for a flag that would do nothing,
  ///   `CONFIG_MALFORMED`
  GenerateOptions of(Model model, boolean chat, Console console) {
    GenerationDefaults own = GenerationDefaults.of(model);
    double t = temperature == null ? own.temperature() : temperature;
    if (t == 0) {
      checkGreedy();
    }
    Set<Integer> stop = ignoreEos ? Set.of() : own.stop();
    GenerateOptions options =
        new GenerateOptions(
            count != null ? count : chat ? DEFAULT_CHAT_COUNT : DEFAULT_COUNT,
            t,
            t == 0 ? 0 : topK == null ? own.topK() : topK,
            t == 0 ? 1 : topP == null ? own.topP() : topP,
            own.repetitionPenalty(),
            seed == null ? 0 : seed,
            stop);
    announce(own, options, console);
    return options;
  }

  private void announce(GenerationDefaults own, GenerateOptions o, Console console) {
    List<String> parts = new ArrayList<>();
    if (temperature == null && o.temperature() > 0) {
      parts.add("--temp " + o.temperature());
    }
    if (topK == null && o.topK() > 0) {
      parts.add("--top-k " + o.topK());
    }
    if (topP == null && o.topP() < 1) {
      parts.add("--top-p " + o.topP());
    }
    if (o.repetitionPenalty() != 1) {
      parts.add("repetition penalty " + o.repetitionPenalty());
    }
    if (!parts.isEmpty()) {
      console.message("from generation_config.json: " + String.join(", ", parts));
    }
    if (!own.leftOut().isEmpty()) {
      console.message(
          "generation_config.json also asks for "
              + String.join(", ", own.leftOut())
              + ", which marlin does not have");
    }
  }
}
