package io.metalmarlin.runtime.chat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What was said so far, and the tools a model may call.
///
/// @param messages in order
/// @param tools a JSON array of tool descriptions, null for none
public record Conversation(List<Message> messages, @Nullable JsonNode tools) {
  /// One message.
  ///
  /// @param role `system`, `user` or `assistant`
  public record Message(String role, String content) {}

  public Conversation {
    messages = List.copyOf(messages);
  }

  /// A conversation in which nothing was said but perhaps the system's instructions.
  public static Conversation begin(@Nullable String system, @Nullable JsonNode tools) {
    return new Conversation(
        system == null ? List.of() : List.of(new Message("system", system)), tools);
  }

  /// The conversation with one more message.
  public Conversation with(String role, String content) {
    List<Message> all = new ArrayList<>(messages);
    all.add(new Message(role, content));
    return new Conversation(all, tools);
  }
}
