package io.metalmarlin.runtime.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Where a model's templates are looked for.
class ChatTemplatesTest {
  @TempDir Path folder;

  private List<NamedTemplate> find(String config) {
    JsonNode n = JsonMapper.builder().build().readTree(config);
    return TemplateFiles.find(folder, n, "tokenizer_config.json");
  }

  @Test
  void a_string_is_the_default() {
    assertThat(find("{\"chat_template\":\"x\"}"))
        .containsExactly(new NamedTemplate("default", "tokenizer_config.json", "x"));
  }

  @Test
  void a_list_has_names() {
    String list =
        "{\"chat_template\":[{\"name\":\"default\",\"template\":\"a\"},"
            + "{\"name\":\"tool_use\",\"template\":\"b\"}]}";
    assertThat(find(list))
        .extracting(NamedTemplate::name, NamedTemplate::text)
        .containsExactly(tuple("default", "a"), tuple("tool_use", "b"));
  }

  @Test
  void files_come_before_the_configuration() throws IOException {
    Files.writeString(folder.resolve("chat_template.jinja"), "file");
    Files.writeString(folder.resolve("chat_template.json"), "{\"chat_template\":\"legacy\"}");
    Files.createDirectory(folder.resolve("additional_chat_templates"));
    Files.writeString(folder.resolve("additional_chat_templates/rag.jinja"), "rag");
    assertThat(find("{\"chat_template\":\"config\"}"))
        .extracting(NamedTemplate::text)
        .containsExactly("file", "rag");
  }

  @Test
  void the_legacy_file_is_the_last_resort() throws IOException {
    Files.writeString(folder.resolve("chat_template.json"), "{\"chat_template\":\"legacy\"}");
    assertThat(find("{}")).extracting(NamedTemplate::text).containsExactly("legacy");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[{\"name\":\"x\"}]", "5", "true", "[\"x\"]", "{\"x\":1}"})
  void something_else_is_refused(String value) {
    assertThatThrownBy(() -> find("{\"chat_template\":" + value + "}"))
        .isInstanceOfSatisfying(
            MarlinException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_MALFORMED));
  }

  @Test
  void null_is_no_template() {
    assertThat(find("{\"chat_template\":null}")).isEmpty();
  }

  @Test
  void a_file_that_is_not_utf8_is_refused_with_the_reason() throws IOException {
    Files.write(folder.resolve("chat_template.jinja"), new byte[] {'x', (byte) 0xFF});
    assertThatThrownBy(() -> find("{}"))
        .isInstanceOf(MarlinException.class)
        .hasMessage("cannot be read: it is not UTF-8");
  }

  @Test
  void tools_beyond_the_limits_are_refused_like_what_the_template_does() {
    NamedTemplate source = new NamedTemplate("default", "t.jinja", "{{ tools }}");
    JsonNode tools = JsonMapper.builder().build().readTree("[{\"most\":99999999999999999999}]");
    ChatTemplate template = new ChatTemplate(source, Map.of());
    assertThatThrownBy(() -> template.prompt(Conversation.begin(null, tools), ZonedDateTime.now()))
        .isInstanceOfSatisfying(
            MarlinException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TEMPLATE_FAILED))
        .hasMessageContaining("has more than 64 bits");
  }

  @Test
  void tokens_are_strings_or_objects() {
    JsonNode n =
        JsonMapper.builder()
            .build()
            .readTree(
                "{\"bos_token\":{\"content\":\"<s>\"},\"eos_token\":\"</s>\",\"pad_token\":null,"
                    + "\"add_bos_token\":true}");
    assertThat(SpecialTokens.of(n)).containsOnlyKeys("bos_token", "eos_token");
  }
}
