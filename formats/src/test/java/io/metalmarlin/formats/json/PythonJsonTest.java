package io.metalmarlin.formats.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class PythonJsonTest {
  /// Files that transformers and huggingface_hub printed with sorted keys.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "packs/ct/NVFP4A16/config.json",
        "packs/ct/NVFP4/config.json",
        "packs/autoround/nvfp4-llm_compressor/config.json",
        "packs/ct/NVFP4A16/model.safetensors.index.json",
      })
  void prints_the_peers_files_byte_for_byte(String path) throws IOException {
    Path file = Shared.path(path);
    String text = Files.readString(file);
    assertThat(PythonJson.print(JsonFiles.readObject(file, 1 << 20), 2, true))
        .isEqualTo(text.stripTrailing());
  }

  /// Left, Java's input; right, what Python 3.11 prints for repr of the same double.
  @ParameterizedTest
  @CsvSource({
    "1e-6, 1e-06",
    "10000, 10000.0",
    "0.1, 0.1",
    "1e16, 1e+16",
    "1e15, 1000000000000000.0",
    "9999999999999998, 9999999999999998.0",
    "123456789012345678, 1.2345678901234568e+17",
    "0.0001, 0.0001",
    "0.00001, 1e-05",
    "-2.5, -2.5",
    "1.5e300, 1.5e+300",
    "3e-310, 3e-310",
    "0.02, 0.02",
    "1e22, 1e+22",
    "2e-3, 0.002",
    "0, 0.0",
    "-0.0, -0.0",
    "1.25e-7, 1.25e-07",
  })
  void floats_look_as_in_python(double x, String python) {
    assertThat(PythonJson.repr(x)).isEqualTo(python);
  }

  @Test
  void text_is_escaped_to_ascii() {
    var node = JsonMapper.shared().createObjectNode();
    node.put("\u00e4\n\"\\/\u007f", "\ud83d\ude00");
    assertThat(PythonJson.print(node, 2, true))
        .isEqualTo("{\n  \"\\u00e4\\n\\\"\\\\/\\u007f\": \"\\ud83d\\ude00\"\n}");
  }

  @Test
  void empty_containers_constants_and_nesting() {
    var node = JsonMapper.shared().createObjectNode();
    node.putObject("o");
    node.putArray("a").add(true).addNull().add(3L).addArray();
    assertThat(PythonJson.print(node, 1, false))
        .isEqualTo("{\n \"o\": {},\n \"a\": [\n  true,\n  null,\n  3,\n  []\n ]\n}");
  }

  @Test
  void a_float_that_is_not_finite_has_no_form() {
    assertThatThrownBy(() -> PythonJson.repr(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
