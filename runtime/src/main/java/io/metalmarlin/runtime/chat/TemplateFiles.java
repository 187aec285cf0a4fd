package io.metalmarlin.runtime.chat;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.json.JsonFiles;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// The templates beside a model. Of several of one name the first found counts, in this order:
/// `chat_template.jinja` and `additional_chat_templates/*.jinja`, `chat_template` of
/// `tokenizer_config.json` (a string, or a list of names and strings), `chat_template.json`.
final class TemplateFiles {
  private static final long MAX_BYTES = 4L << 20;
  private static final String KEY = "chat_template";
  private static final String SUFFIX = ".jinja";

  private final Map<String, NamedTemplate> found = new LinkedHashMap<>();

  private TemplateFiles() {}

  /// @param config the content of `tokenizer_config.json`
  /// @param configWhere what that is called in messages
  /// @throws MarlinException `FILE_UNREADABLE`, `CONFIG_MALFORMED`
  static List<NamedTemplate> find(Path folder, JsonNode config, String configWhere) {
    TemplateFiles files = new TemplateFiles();
    if (Files.isDirectory(folder)) {
      files.jinja(folder.resolve(KEY + SUFFIX), NamedTemplate.DEFAULT);
      for (Path p : files.additional(folder.resolve("additional_chat_templates"))) {
        String name = p.getFileName().toString();
        files.jinja(p, name.substring(0, name.length() - SUFFIX.length()));
      }
    }
    files.json(config.path(KEY), configWhere);
    Path legacy = folder.resolve(KEY + ".json");
    if (Files.isRegularFile(legacy)) {
      files.json(JsonFiles.readObject(legacy, MAX_BYTES).path(KEY), legacy.toString());
    }
    return List.copyOf(files.found.values());
  }

  private List<Path> additional(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(p -> p.getFileName().toString().endsWith(SUFFIX)).sorted().toList();
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
  }

  private void jinja(Path file, String name) {
    if (Files.isRegularFile(file)) {
      add(name, file.toString(), read(file));
    }
  }

  /// The text of a template file.
  ///
  /// @throws MarlinException `FILE_UNREADABLE`
  static String read(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException("more than " + MAX_BYTES + " bytes");
      }
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw unreadable(file, new IOException("it is not UTF-8", e));
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private void json(JsonNode value, String where) {
    if (value.isString()) {
      add(NamedTemplate.DEFAULT, where, value.stringValue());
      return;
    }
    if (value.isObject()) {
      value.properties().forEach(e -> add(e.getKey(), where, text(e.getValue(), where)));
      return;
    }
    if (value.isArray()) {
      for (JsonNode entry : value.values()) {
        add(text(entry.path("name"), where), where, text(entry.path("template"), where));
      }
    } else if (!value.isMissingNode() && !value.isNull()) {
      throw noTemplate(where);
    }
  }

  private static String text(JsonNode n, String where) {
    if (n.isString()) {
      return n.stringValue();
    }
    throw noTemplate(where);
  }

  private static MarlinException noTemplate(String where) {
    return new MarlinException(
        ErrorCode.CONFIG_MALFORMED,
        where,
        "key \"" + KEY + "\" should be a template or a list of names and templates",
        "Correct it by hand, or name a template file with --template.");
  }

  private void add(String name, String where, String text) {
    found.putIfAbsent(name, new NamedTemplate(name, where, text));
  }

  private static MarlinException unreadable(Path file, IOException cause) {
    return new MarlinException(
        ErrorCode.FILE_UNREADABLE,
        file.toString(),
        "cannot be read: " + cause.getMessage(),
        "Check the file and its permissions; a template is UTF-8 text.",
        cause);
  }
}
