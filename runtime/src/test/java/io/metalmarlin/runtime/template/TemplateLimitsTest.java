package io.metalmarlin.runtime.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.template.value.Limits;
import java.time.ZonedDateTime;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A template costs what it may cost and no more.
class TemplateLimitsTest {
  private static String render(String template) {
    return Template.parse("t.jinja", template)
        .render(b -> Map.of(), ZonedDateTime.now(), Limits.DEFAULT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ 'a' * 10**9 }}",
        "{{ 'a' * 10**18 }}",
        "{{ 10**9 * ['a'] }}",
        "{% set ns = namespace(x='ab') %}{% for i in range(100) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set ns = namespace(x='ab') %}{% for i in range(100) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = {1: ns.x, 2: ns.x} %}{% endfor %}{{ ns.x|tojson }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(200) %}{% set ns.x = [ns.x] %}{% endfor %}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% for a in range(99999) %}{% for b in range(99999) %}xxxxxxxx{% endfor %}{% endfor %}",
        "{{ 'a'.rjust(10**12) }}",
        "{{ '%999999999s' % 'a' }}",
        "{{ '{:>999999999}'.format('a') }}",
        "{{ 'a'|center(10**10) }}",
        "{{ 'a\\nb'|indent(10**10) }}",
        "{{ [1]|batch(10**12, 1)|list }}",
        "{{ [1]|slice(10**12)|list }}",
        "{{ [[1]]|tojson(indent=10**10) }}",
        "{{ ('a' * 100000).replace('', 'b' * 100000) }}",
        "{{ ('a' * 100000)|replace('a', 'b' * 100000) }}",
        "{{ (['a'] * 100000)|join('b' * 100000) }}",
        "{{ ('a' * 100000).split('a')|join('b' * 100000) }}",
        "{{ range(10**6)|list }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
        "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}"
      })
  void too_much_ends_with_the_place(String template) {
    assertThatThrownBy(() -> render(template))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.TEMPLATE_FAILED);
              assertThat(e).hasMessageStartingWith("the template needs ");
              assertThat(e.where()).startsWith("t.jinja line 1 column ");
            });
  }

  @ParameterizedTest
  @CsvSource({"(,)", "[,]", "{1:,}", "not,''", "-,''", "x[,]", "f(,)"})
  void brackets_in_brackets_end(String open, String close) {
    String nested = (open + " ").repeat(5000) + "1" + close.repeat(5000);
    assertThatThrownBy(() -> render("{{ " + nested + " }}"))
        .isInstanceOf(MarlinException.class)
        .hasMessageContaining("nested deeper");
  }

  @Test
  void blocks_in_blocks_end() {
    assertThatThrownBy(() -> render("{% if 1 %}".repeat(5000)))
        .isInstanceOf(MarlinException.class)
        .hasMessageContaining("nested deeper");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1 + ", "1 and ", "1 or ", "'a' ~ ", "1 * ", "1 < "})
  void a_long_chain_of_operators_is_computed_or_refused(String link) {
    try {
      assertThat(render("{{ " + link.repeat(2000) + "1 }}")).isNotEmpty();
    } catch (MarlinException e) {
      assertThat(e).hasMessageContaining("nested deeper");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "{{ 'a';|upper;}}",
        "{% filter upper;|upper;%}a{% endfilter %}",
        "{% set x | upper;|upper;%}a{% endset %}{{ x }}",
        "{{ 'a';.x;}}",
        "{{ 'a';[0];}}",
        "{{ 'a'.upper;();}}",
        "{{ 1;` is eq(1)`;}}",
        "{{;1 if 0 else ;1 }}",
        "{% if 0;%}{% elif 1;%}a{% endif %}",
        "{{ 1;_1;}}",
        "{{ 0x1;_1;}}",
        "{{ 0b1;_1;}}",
        "{{ 0;_0;}}",
        "{{ 1;_1;.5}}",
        "{{ 1.5;_1;}}",
        "{{ ('1;_1;')|int }}",
        "{{ ('1;_1;')|float }}",
        "{{ '';|default('x')|trim;}}",
        "{{ 'a'|map('map';,'map';)|list }}"
      })
  void a_long_chain_is_computed_or_refused(String begin, String link, String end) {
    try {
      assertThat(render(begin + link.repeat(20_000) + " " + end)).isNotNull();
    } catch (MarlinException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.TEMPLATE_FAILED);
      assertThat(e.where()).startsWith("t.jinja line 1 column ");
    }
  }

  @Test
  void a_namespace_that_holds_itself_does_no_harm() {
    String loop = "{% set n = namespace() %}{% set n.x = [n] %}{{ n == n.x[0] }}{{ n.x == n.x }}";
    assertThat(render(loop)).isEqualTo("TrueTrue");
    assertThatThrownBy(() -> render(loop + "{{ n.x }}")).hasMessageContaining("namespace");
  }

  @Test
  void an_error_names_line_and_column() {
    assertThatThrownBy(() -> render("a\r\nb\n  {{ x.y.z }}"))
        .isInstanceOfSatisfying(
            MarlinException.class, e -> assertThat(e.where()).isEqualTo("t.jinja line 3 column 7"))
        .hasMessage("'x' is undefined");
  }

  @Test
  void every_string_is_counted_in_code_points() {
    assertThat(render("{{ '😀é'|length }}{{ '😀é'[1] }}{{ '😀é'[::-1] }}")).isEqualTo("2éé😀");
  }
}
