package io.metalmarlin.cli.recipe;

import io.metalmarlin.cli.recipe.RecipeEntry.Form;
import io.metalmarlin.cli.recipe.RecipeEntry.Item;
import io.metalmarlin.formats.MarlinException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// A recipe file's keys with their values, read from YAML's events so that everything has its
/// place. Of YAML only one mapping of scalars, lists of scalars and mappings of scalars is taken:
/// no anchors, aliases, tags and second documents, so no file can grow when it is read.
public final class RecipeFile {
  private final Path file;
  private final Iterator<Event> events;

  private RecipeFile(Path file, String text) {
    this.file = file;
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(file.toString())
            .setCodePointLimit(RecipeText.LARGEST)
            .build();
    this.events = new Parse(settings).parseString(text).iterator();
  }

  /// The entries by key, in the file's order.
  ///
  /// @throws MarlinException `BAD_RECIPE` with line and column
  public static SequencedMap<String, RecipeEntry> read(Path file) {
    return parse(file, RecipeText.read(file));
  }

  /// @param file what errors call the text
  static SequencedMap<String, RecipeEntry> parse(Path file, String text) {
    try {
      return new RecipeFile(file, text).entries();
    } catch (MarkedYamlEngineException e) {
      throw RecipeErrors.of(
          e.getProblemMark()
              .or(e::getContextMark)
              .map(m -> Place.of(file, m).text())
              .orElse("" + file),
          "is not YAML: " + e.getProblem(),
          RecipeErrors.DOCUMENT);
    } catch (ReaderException e) {
      throw RecipeErrors.at(
          place(file, text, e.getPosition()),
          "has the character U+%04X, which YAML does not allow".formatted(e.getCodePoint()),
          "Write it as an escape in double quotes.");
    } catch (YamlEngineException e) {
      throw RecipeErrors.of(
          file.toString(), "is not YAML: " + e.getMessage(), RecipeErrors.DOCUMENT);
    }
  }

  private static Place place(Path file, String text, int position) {
    int end = text.offsetByCodePoints(0, Math.min(position, text.codePointCount(0, text.length())));
    String before = text.substring(0, end);
    int line = (int) before.chars().filter(c -> c == '\n').count();
    return new Place(file, line + 1, end - before.lastIndexOf('\n'));
  }

  private SequencedMap<String, RecipeEntry> entries() {
    next();
    Event document = next();
    if (document.getEventId() == Event.ID.StreamEnd) {
      throw RecipeErrors.of(file.toString(), "is empty", RecipeErrors.DOCUMENT);
    }
    Event root = node("the recipe");
    if (!(root instanceof MappingStartEvent)) {
      throw RecipeErrors.at(
          at(root), "is no mapping of keys to values", "Write for example scheme: W4A16.");
    }
    SequencedMap<String, RecipeEntry> entries = new LinkedHashMap<>();
    for (Optional<ScalarEvent> key = key(); key.isPresent(); key = key()) {
      RecipeEntry entry = entry(key.get());
      RecipeEntry before = entries.putIfAbsent(entry.key(), entry);
      if (before != null) {
        throw twice(entry.place(), entry.key(), before.place());
      }
    }
    next();
    Event after = next();
    if (after.getEventId() != Event.ID.StreamEnd) {
      throw RecipeErrors.at(at(after), "begins a second document", "A recipe is one document.");
    }
    return entries;
  }

  private RecipeEntry entry(ScalarEvent key) {
    String name = key.getValue();
    Event value = node(name);
    List<Item> items = new ArrayList<>();
    Form form;
    switch (value) {
      case SequenceStartEvent s -> {
        form = Form.LIST;
        for (Event e = node(name); e.getEventId() != Event.ID.SequenceEnd; e = node(name)) {
          items.add(item(name, e));
        }
      }
      case MappingStartEvent m -> {
        form = Form.MAPPING;
        Set<String> names = new HashSet<>();
        for (Optional<ScalarEvent> k = key(); k.isPresent(); k = key()) {
          if (!names.add(k.get().getValue())) {
            throw twice(at(k.get()), k.get().getValue(), null);
          }
          items.add(
              new Item(k.get().getValue() + "=" + item(name, node(name)).text(), at(k.get())));
        }
      }
      default -> {
        form = Form.ONE;
        items.add(item(name, value));
      }
    }
    return new RecipeEntry(name, at(key), form, items);
  }

  /// The next key of the mapping that is open; empty at its end.
  private Optional<ScalarEvent> key() {
    Event e = node("a key");
    if (e.getEventId() == Event.ID.MappingEnd) {
      return Optional.empty();
    }
    if (e instanceof ScalarEvent scalar) {
      return Optional.of(scalar);
    }
    throw RecipeErrors.at(at(e), "has a list or a mapping as a key", "Keys are names of flags.");
  }

  private Item item(String key, Event e) {
    if (!(e instanceof ScalarEvent scalar)) {
      throw RecipeErrors.at(
          at(e),
          key + " is nested deeper than any value",
          "Write a text, a number or a list of them.");
    }
    if (scalar.isPlain() && scalar.getValue().isEmpty()) {
      throw RecipeErrors.at(at(e), key + " has no value", "Give it one, or leave the key out.");
    }
    return new Item(scalar.getValue(), at(e));
  }

  /// The next event, which must need no more than itself to be read.
  private Event node(String what) {
    Event e = next();
    if (e instanceof AliasEvent || e instanceof NodeEvent n && n.getAnchor().isPresent()) {
      throw RecipeErrors.at(at(e), what + " uses an anchor or an alias", "Write the value out.");
    }
    boolean tagged =
        e instanceof ScalarEvent s && s.getTag().isPresent()
            || e instanceof CollectionStartEvent c && c.getTag().isPresent();
    if (tagged) {
      throw RecipeErrors.at(at(e), what + " has a tag", "Leave it out: types follow from the key.");
    }
    return e;
  }

  private Event next() {
    return events.next();
  }

  private Place at(Event e) {
    return Place.of(file, e);
  }

  private static MarlinException twice(
      Place place, String key, @org.jspecify.annotations.Nullable Place before) {
    return RecipeErrors.at(
        place,
        key + " is given twice" + (before == null ? "" : ", first in line " + before.line()),
        "Give it once.");
  }
}
