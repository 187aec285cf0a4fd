package io.metalmarlin.cli.command;

import io.metalmarlin.cli.out.Console;
import io.metalmarlin.cli.progress.JobProgress;
import io.metalmarlin.cli.view.GenerationView;
import io.metalmarlin.runtime.decode.GenerateOptions;
import io.metalmarlin.runtime.decode.Generator;
import io.metalmarlin.runtime.text.DecodeStream;
import io.metalmarlin.runtime.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/// One continuation while it is generated: text goes out as soon as its characters are whole.
final class Answer {
  private final Console console;
  private final BooleanSupplier stopped;
  private final DecodeStream stream;
  private final List<Integer> ids = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();
  private double first;

  private Answer(Console console, BooleanSupplier stopped, Tokenizer tokenizer) {
    this.console = console;
    this.stopped = stopped;
    this.stream = new DecodeStream(tokenizer);
  }

  /// Generates and, unless the console speaks JSON, shows the text with a line end behind it.
  ///
  /// @param stopped asked behind each token whether to end here
  /// @throws io.metalmarlin.formats.MarlinException as [Generator#run]
  static GenerationView generate(
      Generator generator,
      Tokenizer tokenizer,
      int[] prompt,
      GenerateOptions options,
      Console console,
      BooleanSupplier stopped) {
    Answer answer = new Answer(console, stopped, tokenizer);
    double start = JobProgress.systemSeconds();
    generator.run(prompt, options, answer::accept);
    double end = JobProgress.systemSeconds();
    answer.emit(answer.stream.finish());
    if (!console.settings().json()) {
      console.print("\n");
    }
    return new GenerationView(
        prompt,
        answer.ids,
        answer.text.toString(),
        answer.first - start,
        end - answer.first,
        answer.ids.size() == options.maxTokens());
  }

  private boolean accept(int id) {
    if (ids.isEmpty()) {
      first = JobProgress.systemSeconds();
    }
    ids.add(id);
    emit(stream.accept(id));
    return !stopped.getAsBoolean();
  }

  private void emit(String piece) {
    text.append(piece);
    if (!console.settings().json() && !piece.isEmpty()) {
      console.print(piece);
    }
  }
}
