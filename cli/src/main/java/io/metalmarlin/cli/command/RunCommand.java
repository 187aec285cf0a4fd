package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.cli.out.Console;
import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.cli.out.Terminal;
import io.metalmarlin.cli.progress.JobProgress;
import io.metalmarlin.cli.view.GenerationView;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Backends;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.decode.GenerateOptions;
import io.metalmarlin.runtime.decode.Generator;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.load.StopIds;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.text.DecodeStream;
import io.metalmarlin.runtime.text.Tokenizer;
import io.metalmarlin.runtime.text.Tokenizers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `marlin run MODEL`: continues a text, dense and quantized checkpoints alike.
@CommandLine.Command(name = "run", header = "Continue a prompt.", sortOptions = false)
final class RunCommand extends Command {
  @Parameters(paramLabel = "MODEL", description = "Folder, org/name[@revision] or demo.")
  String model = "";

  @Option(
      names = {"-p", "--prompt"},
      paramLabel = "TEXT",
      description = "Text to continue (standard input).")
  @Nullable String prompt;

  @Option(names = "-n", paramLabel = "N", description = "Tokens to produce at most (128).")
  int count = 128;

  @Option(
      names = "--temp",
      paramLabel = "T",
      description = "Temperature; 0 takes the most probable token every time (0).")
  double temperature;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description = "Sample from the most probable tokens that hold this share (1).")
  @Nullable Double topP;

  @Option(names = "--seed", paramLabel = "N", description = "Of the random numbers (0).")
  @Nullable Long seed;

  @Option(names = "--ignore-eos", description = "Go on after an end-of-text token.")
  boolean ignoreEos;

  @Option(names = "--device", paramLabel = "NAME", description = "Where to compute (cpu).")
  String device = EvalCommand.CPU;

  @Mixin WorkOptions work = new WorkOptions();

  @Override
  protected boolean verbose() {
    return work.verbose;
  }

  @Override
  public Outcome execute(Session session) throws IOException {
    check();
    int threads = work.threads();
    String text = prompt == null ? standardInput(session) : prompt;
    try (Model opened = Models.open(NamedModel.find(model, session).folder());
        Backend backend = Backends.open(device, threads);
        Decoder decoder = new Decoder(opened.spec(), opened.weights(), backend)) {
      session.console().detail("device: " + backend.name());
      return generate(session.console(), opened, decoder, text);
    }
  }

  private Outcome generate(Console console, Model opened, Decoder decoder, String text) {
    Tokenizer tokenizer = Tokenizers.read(opened.folder());
    int[] ids = tokenizer.encode(text);
    Set<Integer> stop = ignoreEos ? Set.of() : StopIds.of(opened);
    GenerateOptions options =
        new GenerateOptions(
            count, temperature, topP == null ? 1 : topP, seed == null ? 0 : seed, stop);
    DecodeStream stream = new DecodeStream(tokenizer);
    boolean streaming = !console.settings().json();
    List<Integer> produced = new ArrayList<>();
    StringBuilder continuation = new StringBuilder();
    double start = JobProgress.systemSeconds();
    double[] first = new double[1];
    new Generator(decoder)
        .run(
            ids,
            options,
            id -> {
              if (produced.isEmpty()) {
                first[0] = JobProgress.systemSeconds();
              }
              produced.add(id);
              emit(console, streaming, continuation, stream.accept(id));
              return true;
            });
    double end = JobProgress.systemSeconds();
    emit(console, streaming, continuation, stream.finish());
    GenerationView view =
        new GenerationView(
            ids, produced, continuation.toString(), first[0] - start, end - first[0]);
    if (streaming) {
      console.print("\n");
    }
    console.message(view.statistics());
    return Outcome.ok(view.json(text), "");
  }

  private static void emit(Console console, boolean streaming, StringBuilder all, String piece) {
    all.append(piece);
    if (streaming && !piece.isEmpty()) {
      console.print(piece);
    }
  }

  private String standardInput(Session session) throws IOException {
    if (session.console().terminal().isTerminal(Terminal.STDIN)) {
      throw UsageErrors.conflict(
          "--prompt",
          "is missing, and standard input is a terminal",
          "Give --prompt TEXT, or pipe the text in.");
    }
    return new String(session.input().readAllBytes(), StandardCharsets.UTF_8);
  }

  private void check() {
    if (count < 0) {
      throw UsageErrors.badValue("-n", Integer.toString(count), "must not be negative");
    }
    if (!(temperature >= 0 && Double.isFinite(temperature))) {
      throw UsageErrors.badValue(
          "--temp", Figures.fixed(temperature, 2), "must be a number of at least 0");
    }
    if (topP != null && !(topP > 0 && topP <= 1)) {
      throw UsageErrors.badValue("--top-p", topP.toString(), "must lie in (0, 1]");
    }
    if (temperature == 0 && (topP != null || seed != null)) {
      throw UsageErrors.conflict(
          topP != null ? "--top-p" : "--seed",
          "has no effect at temperature 0, which draws nothing",
          "Add --temp, for example --temp 0.8.");
    }
  }
}
