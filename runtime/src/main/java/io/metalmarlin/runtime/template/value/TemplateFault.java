package io.metalmarlin.runtime.template.value;

/// Something went wrong while a template ran; the interpreter adds the place in the template.
public final class TemplateFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Kind kind;
  private int at = -1;

  /// Who is to blame.
  public enum Kind {
    /// The template, or what was put into it.
    ERROR,
    /// The template asked for too much.
    LIMIT,
    /// The template refuses the conversation with a message of its own.
    RAISED
  }

  public TemplateFault(String message) {
    this(Kind.ERROR, message);
  }

  public TemplateFault(Kind kind, String message) {
    super(message, null, false, false);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  /// Notes the place, unless one closer to the cause is known already.
  ///
  /// @param offset in the template's text
  public TemplateFault at(int offset) {
    if (at < 0) {
      at = offset;
    }
    return this;
  }

  /// The place, -1 when none is known.
  public int offset() {
    return at;
  }
}
