package io.metalmarlin.runtime.text.normalize;

/// What SentencePiece's `nmt` rules do before Unicode's forms: control characters go, other blanks
/// become spaces.
record NmtNormalizer() implements TextNormalizer {
  @Override
  public String apply(String text, boolean first) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isDropped(c)) {
        out.append(isBlank(c) ? ' ' : c);
      }
    }
    return out.toString();
  }

  private static boolean isDropped(char c) {
    return c >= 1 && c <= 8
        || c == 0x0B
        || c >= 0x0E && c <= 0x1F
        || c == 0x7F
        || c == 0x8F
        || c == 0x9F;
  }

  private static boolean isBlank(char c) {
    return switch (c) {
      case '\t', '\n', '\f', '\r', 0x1680, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD -> true;
      default -> c >= 0x200B && c <= 0x200F;
    };
  }
}
