package io.metalmarlin.runtime.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.template.value.Limits;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Every case that `tests/oracle/templates.py` let Jinja2 compute; with `-Dmarlin.template.cases`
/// also those of a file made by `tests/oracle/chat_templates.py`.
class TemplateOracleTest {
  private static final ZonedDateTime NOW =
      ZonedDateTime.of(2024, 9, 6, 14, 5, 3, 0, ZoneOffset.UTC);

  private record Case(String template, JsonNode variables, JsonNode expected) {
    @Override
    public String toString() {
      return expected.path("name").asString(template.replace("\n", "\\n"));
    }
  }

  static List<Case> cases() throws IOException {
    List<Case> cases = new ArrayList<>();
    try (InputStream in = TemplateOracleTest.class.getResourceAsStream("cases.jsonl")) {
      add(Objects.requireNonNull(in), cases);
    }
    String more = System.getProperty("marlin.template.cases");
    if (more != null) {
      try (InputStream in = Files.newInputStream(Path.of(more))) {
        add(in, cases);
      }
    }
    return cases;
  }

  private static void add(InputStream in, List<Case> cases) {
    JsonMapper json = JsonMapper.builder().build();
    List<JsonNode> variables = new ArrayList<>();
    new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))
        .lines()
        .map(json::readTree)
        .forEach(n -> {
          if (n.has("variables")) {
            variables.add(n.get("variables"));
          } else {
            JsonNode given = variables.get(n.get("given").intValue());
            cases.add(new Case(n.get("template").stringValue(), given, n));
          }
        });
  }

  @Test
  void there_are_enough_cases() throws IOException {
    assertThat(cases()).hasSizeGreaterThan(500);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void does_what_jinja2_does(Case c) {
    if (c.expected().has("output")) {
      assertThat(render(c)).isEqualTo(c.expected().get("output").stringValue());
      return;
    }
    MarlinException e = catchThrowableOfType(MarlinException.class, () -> render(c));
    assertThat(e).as("refused").isNotNull();
    assertThat(e.code()).isEqualTo(ErrorCode.TEMPLATE_FAILED);
    assertThat(e.where()).matches("case line \\d+ column \\d+");
    if (c.expected().has("raised")) {
      assertThat(e).hasMessage("the template refuses: " + c.expected().get("raised").stringValue());
    }
  }

  private static String render(Case c) {
    return Template.parse("case", c.template())
        .render(b -> JsonValues.variables(c.variables(), b), NOW, Limits.DEFAULT);
  }
}
