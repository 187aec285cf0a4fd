package io.metalmarlin.cli.command;

import io.metalmarlin.cli.out.Console;
import io.metalmarlin.cli.out.Terminal;
import io.metalmarlin.cli.view.GenerationView;
import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.chat.ChatTemplate;
import io.metalmarlin.runtime.chat.Conversation;
import io.metalmarlin.runtime.decode.GenerateOptions;
import io.metalmarlin.runtime.decode.Generator;
import io.metalmarlin.runtime.text.Tokenizer;
import java.io.IOException;
import java.time.ZonedDateTime;
import java.util.Optional;

/// The conversation of `run --chat`: one line in, one answer out, until `/exit`, the end of the
/// input or Ctrl-C. Ctrl-C during an answer ends the answer only; what was said of it stays.
final class ChatLoop {
  private static final String HELP = "/reset begins anew, /exit or Ctrl-D ends";

  private final Session session;
  private final Console console;
  private final ChatTemplate template;
  private final Tokenizer tokenizer;
  private final Generator generator;
  private final GenerateOptions options;
  private final int positions;
  private final boolean limited;

  /// @param positions tokens the model can hold
  /// @param limited whether the number of tokens was asked for, so that less is not an answer
  ChatLoop(
      Session session,
      ChatTemplate template,
      Tokenizer tokenizer,
      Generator generator,
      GenerateOptions options,
      int positions,
      boolean limited) {
    this.session = session;
    this.console = session.console();
    this.template = template;
    this.tokenizer = tokenizer;
    this.generator = generator;
    this.options = options;
    this.positions = positions;
    this.limited = limited;
  }

  /// @return whether a signal ended it
  /// @throws MarlinException when the template refuses the conversation or it does not fit
  boolean run(Conversation beginning) throws IOException {
    Interrupt interrupt = session.interrupt();
    boolean terminal = console.terminal().isTerminal(Terminal.STDIN);
    if (terminal) {
      console.message(HELP);
    }
    Lines lines = new Lines(session.input());
    Conversation conversation = beginning;
    while (true) {
      if (terminal && console.live()) {
        console.live("> ");
      }
      Optional<String> line = terminal ? typed(lines) : lines.next(interrupt);
      if (line.isEmpty() || line.get().strip().equals("/exit")) {
        return interrupt.getAsBoolean();
      }
      String said = line.get().strip();
      if (said.equals("/reset")) {
        conversation = beginning;
        console.message("the conversation begins anew");
      } else if (said.startsWith("/") && !said.contains(" ")) {
        console.message("there is no command " + said + "; " + HELP);
      } else if (!said.isEmpty()) {
        conversation = answer(conversation.with("user", said));
      }
    }
  }

  /// Somebody who sits there can type a line again that was not UTF-8.
  private Optional<String> typed(Lines lines) throws IOException {
    try {
      return lines.next(session.interrupt());
    } catch (MarlinException e) {
      console.message(e.where() + ": " + e.getMessage() + "; it was not sent");
      return Optional.of("");
    }
  }

  private Conversation answer(Conversation asked) {
    int[] prompt = tokenizer.encode(template.prompt(asked, ZonedDateTime.now()));
    Interrupt interrupt = session.interrupt();
    GenerationView view =
        Answer.generate(generator, tokenizer, prompt, fitting(prompt), console, interrupt);
    console.detail(view.statistics() + "; " + generator.reused() + " prompt tokens were cached");
    if (interrupt.getAsBoolean()) {
      console.message("(the answer was stopped)");
      interrupt.forgive();
    } else if (view.full()) {
      console.message("(the answer ends at the limit of " + view.ids().size() + " tokens)");
    }
    return asked.with("assistant", view.text());
  }

  private GenerateOptions fitting(int[] prompt) {
    int left = positions - prompt.length;
    if (left < 1) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          "--chat",
          "the conversation has %d tokens and the model holds %d"
              .formatted(prompt.length, positions),
          "Begin anew; /reset does so before a conversation is full.");
    }
    return limited ? options : options.limitedTo(Math.min(options.maxTokens(), left));
  }
}
