package io.metalmarlin.tests.input;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// One way in which a model folder is wrong.
///
/// @param name what is wrong with it
/// @param damage changes a good folder into the bad one
/// @param code expected error
/// @param words what the message must name
/// @param flags what is asked beside `quantize MODEL -o OUT`
record BadModel(String name, Damage damage, String code, List<String> words, List<String> flags) {
  /// Changes the folder of a good model.
  @FunctionalInterface
  interface Damage {
    void to(Path model) throws IOException;
  }

  /// A case that must be refused for every method; asked with rtn.
  static BadModel of(String name, String code, List<String> words, Damage damage) {
    return new BadModel(name, damage, code, words, List.of("--method", "rtn"));
  }

  @Override
  public String toString() {
    return name;
  }
}
