package io.metalmarlin.runtime.chat;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.load.ModelTexts;
import io.metalmarlin.runtime.model.Model;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Chooses a model's chat template.
public final class ChatTemplates {
  private ChatTemplates() {}

  /// The template for a conversation: `tool_use` when there are tools and a template of that name,
  /// else `default`, else the only one. Empty when the model has none.
  ///
  /// @param wanted a name or a file to take instead; null for none
  /// @throws MarlinException `BAD_FLAG` when nothing is called as wanted, or when there are several
  ///   and none is the default; `TEMPLATE_FAILED` for what is no template; `FILE_UNREADABLE`,
  ///   `CONFIG_MALFORMED`
  public static Optional<ChatTemplate> of(Model model, @Nullable String wanted, boolean tools) {
    JsonNode config = ModelTexts.tokenizerConfig(model);
    String where = ModelTexts.tokenizerConfigWhere(model);
    List<NamedTemplate> all = TemplateFiles.find(model.folder(), config, where);
    Optional<NamedTemplate> chosen =
        wanted == null ? choose(all, tools) : Optional.of(named(all, wanted));
    return chosen.map(t -> new ChatTemplate(t, SpecialTokens.of(config)));
  }

  private static Optional<NamedTemplate> choose(List<NamedTemplate> all, boolean tools) {
    Optional<NamedTemplate> first =
        tools
            ? find(all, NamedTemplate.TOOL_USE).or(() -> find(all, NamedTemplate.DEFAULT))
            : find(all, NamedTemplate.DEFAULT);
    if (first.isPresent() || all.isEmpty()) {
      return first;
    }
    if (all.size() == 1) {
      return Optional.of(all.getFirst());
    }
    throw new MarlinException(
        ErrorCode.BAD_FLAG,
        "--template",
        "is missing: the model has the templates " + names(all) + " and none is the default",
        "Name one of them.");
  }

  private static NamedTemplate named(List<NamedTemplate> all, String wanted) {
    Optional<NamedTemplate> byName = find(all, wanted);
    if (byName.isPresent()) {
      return byName.get();
    }
    Path file = Path.of(wanted);
    if (Files.isRegularFile(file)) {
      return new NamedTemplate(
          file.getFileName().toString(), file.toString(), TemplateFiles.read(file));
    }
    throw new MarlinException(
        ErrorCode.BAD_FLAG,
        "--template " + wanted,
        all.isEmpty()
            ? "is no file, and the model has no templates of its own"
            : "is no file and none of the model's templates: " + names(all),
        "Name a template of the model or a file with one.");
  }

  private static Optional<NamedTemplate> find(List<NamedTemplate> all, String name) {
    return all.stream().filter(t -> t.name().equals(name)).findFirst();
  }

  private static String names(List<NamedTemplate> all) {
    return String.join(", ", all.stream().map(NamedTemplate::name).toList());
  }
}
