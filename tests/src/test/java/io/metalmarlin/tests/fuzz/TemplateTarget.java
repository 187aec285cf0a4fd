package io.metalmarlin.tests.fuzz;

import io.metalmarlin.runtime.template.JsonValues;
import io.metalmarlin.runtime.template.Template;
import io.metalmarlin.runtime.template.value.Limits;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/// A chat template, run on a conversation with tools under limits far below the usual ones.
record TemplateTarget() implements FuzzTarget {
  private static final Limits LIMITS = new Limits(20_000, 1 << 16, 1 << 16, 100);
  private static final ZonedDateTime NOW =
      ZonedDateTime.of(2024, 9, 6, 14, 5, 3, 0, ZoneOffset.UTC);
  private static final String CONVERSATION =
      "{\"bos_token\":\"<s>\",\"add_generation_prompt\":true,\"messages\":[{\"role\":\"system\","
          + "\"content\":\"a\"},{\"role\":\"user\",\"content\":\"\\ud83d\\ude00 b\"}],\"tools\":[{"
          + "\"function\":{\"name\":\"f\",\"parameters\":{\"x\":[1,2.5,null,true]}}}],\"n\":7}";

  @Override
  public String name() {
    return "chat_template.jinja";
  }

  @Override
  public void read(byte[] input) {
    Template.parse("t", new String(input, StandardCharsets.UTF_8))
        .render(
            b -> JsonValues.variables(JsonMapper.builder().build().readTree(CONVERSATION), b),
            NOW,
            LIMITS);
  }

  @Override
  public List<byte[]> seeds() {
    return Seeds.texts(
        "{% for m in messages %}{{ '<' + m['role'] + '>' + m.content|trim }}{% endfor %}"
            + "{%- if add_generation_prompt -%}{{ bos_token }}{% endif %}",
        "{%- macro m(a, b=2) -%}{{ a ~ b }}{{ varargs }}{%- endmacro -%}{{ m(1, *[2, 3]) }}"
            + "{% set ns = namespace(x='') %}{% set ns.x = messages[::-1]|map(attribute='role') %}"
            + "{{ ns.x|list }}{% call m(1) %}{% endcall %}",
        "{% set x %}{% raw %}{{{% endraw %}{% endset %}{{ x|replace('{', 'b')|indent(3) }}"
            + "{{ tools|tojson(indent=2) }}{{ '%5.1f'|format(n / 2) }}{{ '{:>4}'.format(n) }}",
        "{% for k, v in tools[0].function.parameters.items() recursive %}{{ loop.index }}"
            + "{% if k is in ['x'] and v|length > 2 %}{% continue %}{% endif %}{% else %}"
            + "{{ raise_exception(strftime_now('%d %B')) }}{% endfor %}{# c #}",
        "{{ 'a,b'.split(',')|sort(reverse=true)|join('-')|upper }}{{ n ** 2 // 3 % 4 }}"
            + "{{ range(3)|batch(2)|list }}{{ {'a': (1, 2)}|dictsort }}{{ 1 if n > 2 }}");
  }
}
