package io.metalmarlin.cli.view;

import io.metalmarlin.cli.out.Json;
import io.metalmarlin.cli.out.Table;
import io.metalmarlin.cli.recipe.Setting;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The settings of a run: what each is and who decided it.
final class SettingView {
  private static final int WIDEST = 60;

  private SettingView() {}

  static ArrayNode json(List<Setting> settings) {
    ArrayNode list = Json.object().putArray("settings");
    for (Setting s : settings) {
      ObjectNode n = list.addObject();
      n.put("key", s.key());
      n.set("value", Records.JSON.valueToTree(s.value()));
      n.put("from", from(s));
      n.put("place", s.place() == null ? null : s.place().text());
    }
    return list;
  }

  static String text(List<Setting> settings) {
    Table t = new Table("setting", "value", "from");
    for (Setting s : settings) {
      t.row(s.key(), value(s.value()), s.place() == null ? from(s) : s.place().text());
    }
    return t.text();
  }

  private static String from(Setting s) {
    return s.from().name().toLowerCase(Locale.ROOT);
  }

  private static String value(Object value) {
    String all =
        value instanceof List<?> l
            ? l.stream().map(Object::toString).collect(Collectors.joining(", "))
            : value.toString();
    return all.length() <= WIDEST ? all : all.substring(0, WIDEST - 3) + "...";
  }
}
