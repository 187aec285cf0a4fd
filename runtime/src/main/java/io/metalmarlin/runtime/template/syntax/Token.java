package io.metalmarlin.runtime.template.syntax;

/// A token of a template.
///
/// @param text the data, the name, the operator, the digits or the string without its quotes
/// @param at offset in the template
record Token(Kind kind, String text, int at) {
  enum Kind {
    DATA("text"),
    BLOCK_BEGIN("'{%'"),
    BLOCK_END("end of statement block"),
    PRINT_BEGIN("'{{'"),
    PRINT_END("end of print statement"),
    NAME("a name"),
    INTEGER("a whole number"),
    FLOAT("a number"),
    STRING("a string"),
    OPERATOR("an operator"),
    END("end of template");

    private final String shown;

    Kind(String shown) {
      this.shown = shown;
    }

    String shown() {
      return shown;
    }
  }

  boolean is(Kind k, String t) {
    return kind == k && text.equals(t);
  }

  boolean name(String t) {
    return is(Kind.NAME, t);
  }

  boolean op(String t) {
    return is(Kind.OPERATOR, t);
  }

  String shown() {
    return switch (kind) {
      case NAME, OPERATOR, INTEGER, FLOAT -> "'" + text + "'";
      default -> kind.shown();
    };
  }
}
