package io.metalmarlin.cli.recipe;

import java.nio.file.Path;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;

/// Where something stands in a file.
///
/// @param line from 1
/// @param column from 1
public record Place(Path file, int line, int column) {
  static Place of(Path file, Event event) {
    return event.getStartMark().map(m -> of(file, m)).orElse(new Place(file, 1, 1));
  }

  static Place of(Path file, Mark mark) {
    return new Place(file, mark.getLine() + 1, mark.getColumn() + 1);
  }

  /// `FILE:LINE:COLUMN`, as compilers write it.
  public String text() {
    return file + ":" + line + ":" + column;
  }
}
