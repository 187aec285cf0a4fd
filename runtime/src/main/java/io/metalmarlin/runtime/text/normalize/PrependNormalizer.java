package io.metalmarlin.runtime.text.normalize;

import io.metalmarlin.runtime.text.spec.Spec;

/// Begins every text that is not empty with a string, also when it begins so already.
record PrependNormalizer(String prefix) implements TextNormalizer {
  static PrependNormalizer of(Spec spec) {
    return new PrependNormalizer(spec.text("prepend"));
  }

  @Override
  public String apply(String text, boolean first) {
    return text.isEmpty() ? text : prefix + text;
  }
}
