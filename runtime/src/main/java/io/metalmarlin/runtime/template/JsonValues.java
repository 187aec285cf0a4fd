package io.metalmarlin.runtime.template;

import io.metalmarlin.runtime.template.value.Bool;
import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Int;
import io.metalmarlin.runtime.template.value.None;
import io.metalmarlin.runtime.template.value.Real;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import tools.jackson.databind.JsonNode;

/// JSON as values of a template.
public final class JsonValues {
  private JsonValues() {}

  /// @param budget bounds what is made
  /// @throws TemplateFault for whole numbers beyond 64 bits and more than the budget
  public static Value of(JsonNode json, Budget budget) {
    budget.step();
    return switch (json.getNodeType()) {
      case STRING -> new Text(json.stringValue());
      case BOOLEAN -> Bool.of(json.booleanValue());
      case NUMBER -> number(json);
      case ARRAY -> {
        List<Value> all = new ArrayList<>(json.size());
        for (JsonNode n : json.values()) {
          all.add(of(n, budget));
        }
        yield budget.list(all);
      }
      case OBJECT -> {
        SequencedMap<Value, Value> entries = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> e : json.properties()) {
          entries.put(new Text(e.getKey()), of(e.getValue(), budget));
        }
        yield budget.mapping(entries);
      }
      default -> None.NONE;
    };
  }

  /// The properties of an object as variables.
  ///
  /// @throws TemplateFault as in [#of]
  public static Map<String, Value> variables(JsonNode object, Budget budget) {
    Map<String, Value> out = new LinkedHashMap<>();
    object.properties().forEach(e -> out.put(e.getKey(), of(e.getValue(), budget)));
    return out;
  }

  private static Value number(JsonNode json) {
    if (!json.isIntegralNumber()) {
      return new Real(json.doubleValue());
    }
    if (!json.canConvertToLong()) {
      throw new TemplateFault("the number " + json + " has more than 64 bits");
    }
    return new Int(json.longValue());
  }
}
