package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.runtime.chat.ChatTemplate;
import io.metalmarlin.runtime.chat.ChatTemplates;
import io.metalmarlin.runtime.chat.Conversation;
import io.metalmarlin.runtime.model.Model;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// Flags that decide how a conversation becomes text.
final class ChatOptions {
  private static final long MAX_BYTES = 4L << 20;

  @Option(
      names = "--system",
      order = 10,
      paramLabel = "TEXT",
      description = "Instructions before the conversation.")
  @Nullable String system;

  @Option(
      names = "--tools",
      order = 11,
      paramLabel = "FILE",
      description = "JSON array of the tools that the model may call.")
  @Nullable Path tools;

  @Option(
      names = "--template",
      order = 12,
      paramLabel = "NAME",
      description = "One of the model's chat templates by name, or a file with one.")
  @Nullable String template;

  @Option(names = "--raw", order = 13, description = "Continue the text as it is, no template.")
  boolean raw;

  /// @throws MarlinException `BAD_FLAG` for flags that would do nothing
  void check() {
    String flag = flag();
    if (raw && flag != null) {
      throw UsageErrors.conflict(
          flag, "has no effect with --raw, which uses no template", "Leave one of them out.");
    }
  }

  private @Nullable String flag() {
    if (system != null) {
      return "--system";
    }
    return tools != null ? "--tools" : template != null ? "--template" : null;
  }

  /// The template to use; empty for plain text.
  ///
  /// @param needed whether plain text is not an answer
  /// @throws MarlinException `FILE_MISSING` when a template is needed and the model has none
  Optional<ChatTemplate> choose(Model model, boolean needed) {
    if (raw) {
      return Optional.empty();
    }
    Optional<ChatTemplate> found = ChatTemplates.of(model, template, tools != null);
    if (found.isEmpty() && (needed || flag() != null)) {
      throw new MarlinException(
          ErrorCode.FILE_MISSING,
          model.folder().toString(),
          "the model has no chat template (chat_template.jinja, or chat_template in"
              + " tokenizer_config.json), so there is no telling how it wants a conversation",
          "Name a file with one by --template FILE, or continue plain text with --raw and"
              + " --prompt.");
    }
    return found;
  }

  /// The conversation before its first message.
  ///
  /// @throws MarlinException `FILE_MISSING`, `FILE_UNREADABLE`, `CONFIG_MALFORMED` for the tools
  Conversation begin() {
    return Conversation.begin(system, tools == null ? null : tools(tools));
  }

  private static JsonNode tools(Path file) {
    JsonNode n = JsonFiles.read(file, MAX_BYTES);
    if (n.isArray()) {
      return n;
    }
    throw new MarlinException(
        ErrorCode.CONFIG_MALFORMED,
        file.toString(),
        "should hold a JSON array of tools, it holds " + n.getNodeType(),
        "Put the tool descriptions between [ and ].");
  }
}
