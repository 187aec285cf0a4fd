package io.metalmarlin.runtime.chat;

import io.metalmarlin.runtime.template.JsonValues;
import io.metalmarlin.runtime.template.Template;
import io.metalmarlin.runtime.template.value.Bool;
import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Limits;
import io.metalmarlin.runtime.template.value.None;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Value;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// A model's chat template with the tokens it names.
public final class ChatTemplate {
  private final String name;
  private final String where;
  private final Template template;
  private final Map<String, Value> tokens;

  ChatTemplate(NamedTemplate source, Map<String, Value> tokens) {
    this.name = source.name();
    this.where = source.where();
    this.template = Template.parse(source.where(), source.text());
    this.tokens = Map.copyOf(tokens);
  }

  /// `default`, `tool_use`, or a file's name.
  public String name() {
    return name;
  }

  /// The file it comes from.
  public String where() {
    return where;
  }

  /// The prompt that asks for the assistant's next message.
  ///
  /// @param now the time templates may show
  /// @throws io.metalmarlin.formats.MarlinException `TEMPLATE_FAILED` when the template refuses the
  ///   conversation or is wrong
  public String prompt(Conversation conversation, ZonedDateTime now) {
    return template.render(budget -> variables(conversation, budget), now, Limits.DEFAULT);
  }

  private Map<String, Value> variables(Conversation conversation, Budget budget) {
    Map<String, Value> variables = new HashMap<>(tokens);
    variables.put("messages", messages(conversation, budget));
    variables.put(
        "tools",
        conversation.tools() == null ? None.NONE : JsonValues.of(conversation.tools(), budget));
    variables.put("documents", None.NONE);
    variables.put("add_generation_prompt", Bool.TRUE);
    return variables;
  }

  private static Value messages(Conversation conversation, Budget budget) {
    List<Value> out = new ArrayList<>();
    for (Conversation.Message m : conversation.messages()) {
      SequencedMap<Value, Value> entries = new LinkedHashMap<>();
      entries.put(new Text("role"), new Text(m.role()));
      entries.put(new Text("content"), new Text(m.content()));
      out.add(budget.mapping(entries));
    }
    return budget.list(out);
  }
}
