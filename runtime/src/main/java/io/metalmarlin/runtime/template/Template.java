package io.metalmarlin.runtime.template;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.template.library.Functions;
import io.metalmarlin.runtime.template.syntax.Parser;
import io.metalmarlin.runtime.template.syntax.Stmt;
import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Limits;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Value;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;

/// A parsed template. Immutable; each run has a budget of its own.
public final class Template {
  private static final int MAX_CHARACTERS = 1 << 20;

  private final String where;
  private final String source;
  private final List<Stmt> statements;

  private Template(String where, String source, List<Stmt> statements) {
    this.where = where;
    this.source = source;
    this.statements = statements;
  }

  /// @param where the file, for messages
  /// @throws MarlinException `TEMPLATE_FAILED` with line and column for what is no template
  public static Template parse(String where, String text) {
    if (text.length() > MAX_CHARACTERS) {
      throw new MarlinException(
          ErrorCode.TEMPLATE_FAILED,
          where,
          "the template has %,d characters, more than the %,d allowed"
              .formatted(text.length(), MAX_CHARACTERS),
          "Name another one with --template.");
    }
    String source = Parser.normalize(text);
    try {
      return new Template(where, source, Parser.parse(source));
    } catch (TemplateFault f) {
      throw failed(where, source, f, "The template is not valid; name another with --template.");
    }
  }

  /// Makes the variables of a run within its budget.
  @FunctionalInterface
  public interface Variables {
    Map<String, Value> make(Budget budget);
  }

  /// Runs the template.
  ///
  /// @param variables what they cost counts with the run
  /// @param now the time that `strftime_now` shows
  /// @throws MarlinException `TEMPLATE_FAILED` with line and column when the template refuses its
  ///   input, does something that is an error, or exceeds a limit
  public String render(Variables variables, ZonedDateTime now, Limits limits) {
    Budget budget = new Budget(limits);
    Output out = new Output(budget);
    Scope functions = new Scope(null, Functions.all(now));
    try {
      Scope given = new Scope(functions, variables.make(budget));
      new Interpreter(budget).run(statements, new Scope(given, Map.of()), out);
    } catch (TemplateFault f) {
      throw failed(where, source, f, hint(f));
    }
    return out.text();
  }

  private static String hint(TemplateFault f) {
    return switch (f.kind()) {
      case RAISED -> "Change the conversation, or name another template with --template.";
      case LIMIT -> "Shorten the conversation, or name another template with --template.";
      case ERROR ->
          "Check that the conversation has what the template wants, or name another with"
              + " --template.";
    };
  }

  private static MarlinException failed(String where, String source, TemplateFault f, String hint) {
    String message =
        f.kind() == TemplateFault.Kind.RAISED
            ? "the template refuses: " + f.getMessage()
            : f.getMessage();
    return new MarlinException(
        ErrorCode.TEMPLATE_FAILED, where + place(source, f.offset()), message, hint, f);
  }

  private static String place(String source, int offset) {
    if (offset < 0) {
      return "";
    }
    String before = source.substring(0, Math.min(offset, source.length()));
    long line = before.chars().filter(c -> c == '\n').count() + 1;
    int column = before.length() - before.lastIndexOf('\n');
    return " line " + line + " column " + column;
  }
}
