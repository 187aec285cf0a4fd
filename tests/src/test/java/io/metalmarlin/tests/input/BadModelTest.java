package io.metalmarlin.tests.input;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Folders;
import io.metalmarlin.tests.support.Run;
import io.metalmarlin.tests.synthetic.SyntheticCheckpoint;
import io.metalmarlin.tests.synthetic.SyntheticShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// `marlin quantize` of a checkpoint that is wrong in one way.
class BadModelTest {
  private static final String FIRST = "model.layers.0.input_layernorm.weight";

  @TempDir Path work;

  static Stream<BadModel> cases() {
    return Stream.concat(files(), configurations());
  }

  private static Stream<BadModel> files() {
    return Stream.of(
        BadModel.of(
            "truncated file",
            "E503",
            List.of("model-00002-of-00002.safetensors"),
            m -> Damages.cut(m.resolve("model-00002-of-00002.safetensors"), 1000)),
        BadModel.of(
            "file of three bytes",
            "E503",
            List.of("model-00001-of-00002.safetensors"),
            m -> Files.write(m.resolve("model-00001-of-00002.safetensors"), new byte[3])),
        BadModel.of(
            "header longer than the file",
            "E503",
            List.of("model-00001-of-00002.safetensors"),
            m -> Damages.headerLength(m.resolve("model-00001-of-00002.safetensors"), 90_000_000)),
        BadModel.of(
            "header beyond the limit of the format",
            "E504",
            List.of("model-00001-of-00002.safetensors"),
            m -> Damages.headerLength(m.resolve("model-00001-of-00002.safetensors"), 100_000_001)),
        BadModel.of(
            "header that is no JSON",
            "E504",
            List.of("model-00001-of-00002.safetensors"),
            m -> Damages.header(m, h -> "[" + h.substring(1))),
        BadModel.of(
            "shape that does not fit its bytes",
            "E504",
            List.of("model-00001-of-00002.safetensors", "model.embed_tokens.weight"),
            m -> Damages.header(m, h -> h.replace("[512,64]", "[512,65]"))),
        BadModel.of(
            "offsets that overlap",
            "E504",
            List.of("model-00001-of-00002.safetensors"),
            m -> Damages.header(m, h -> h.replace("[65536,", "[65534,"))),
        BadModel.of(
            "unknown element type",
            "E504",
            List.of("model-00001-of-00002.safetensors", "BF17"),
            m -> Damages.header(m, h -> h.replaceFirst("BF16", "BF17"))),
        BadModel.of(
            "missing shard",
            "E501",
            List.of("model-00002-of-00002.safetensors"),
            m -> Files.delete(m.resolve("model-00002-of-00002.safetensors"))),
        BadModel.of(
            "index that leaves its folder",
            "E505",
            List.of("model.safetensors.index.json", "../"),
            m ->
                Damages.replace(
                    m.resolve("model.safetensors.index.json"),
                    "model-00002-of-00002",
                    "../model-00002-of-00002")),
        BadModel.of(
            "index that is no JSON",
            "E505",
            List.of("model.safetensors.index.json"),
            m -> Files.writeString(m.resolve("model.safetensors.index.json"), "{\"weight_map\":")),
        BadModel.of(
            "tensor missing",
            "E506",
            List.of("model.layers.1.mlp.up_proj"),
            m -> Damages.replaceEverywhere(m, "1.mlp.up_proj", "1.mlp.xx_proj")),
        BadModel.of(
            "weights that are not numbers",
            "E508",
            List.of(FIRST.replace("input_layernorm", "mlp.down_proj")),
            m -> Damages.poison(m, "model.layers.0.mlp.down_proj.weight")),
        BadModel.of("pickle instead of safetensors", "E510", List.of(".bin"), Damages::pickled));
  }

  private static Stream<BadModel> configurations() {
    return Stream.of(
        new BadModel(
            "unknown model_type",
            m -> Damages.replace(m.resolve("config.json"), "\"qwen3\"", "\"mamba9\""),
            "E302",
            List.of("mamba9", "qwen3", "llama", "--method rtn"),
            List.of()),
        BadModel.of(
            "hidden size that is no multiple of 16",
            "E301",
            List.of("model.layers.0.self_attn.q_proj", "72", "16"),
            m -> write(SyntheticShape.small("qwen3").withHidden(72), m)),
        BadModel.of(
            "configuration that is no JSON",
            "E505",
            List.of("config.json"),
            m -> Files.writeString(m.resolve("config.json"), "{\"model_type\": \"qwen3\",")),
        BadModel.of(
            "configuration with a word for a number",
            "E505",
            List.of("config.json", "hidden_size"),
            m -> Damages.replace(m.resolve("config.json"), "_size\":64", "_size\":\"wide\"")),
        BadModel.of(
            "configuration missing",
            "E501",
            List.of("config.json"),
            m -> Files.delete(m.resolve("config.json"))),
        BadModel.of(
            "configuration of another model",
            "E507",
            List.of("model.embed_tokens.weight", "64", "128"),
            m ->
                Damages.replace(m.resolve("config.json"), "hidden_size\":64", "hidden_size\":128")),
        new BadModel(
            "tokenizer missing where text must be tokenized",
            m -> Files.delete(m.resolve("tokenizer.json")),
            "E501",
            List.of("tokenizer.json"),
            List.of("--method", "gptq")),
        new BadModel(
            "tokenizer that is no JSON",
            m -> Files.writeString(m.resolve("tokenizer.json"), "{\"model\": {"),
            "E509",
            List.of("tokenizer.json"),
            List.of("--method", "gptq")));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void is_refused_with_one_clear_message_and_nothing_written(BadModel bad) throws IOException {
    Path model = good();
    bad.damage().to(model);
    List<String> before = Folders.names(work);

    Run run = Cli.run(quantize(model, bad));

    Refusal.isClear(run, bad.code(), bad.words());
    Refusal.leftNothing(work, before);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void is_refused_as_json_too(BadModel bad) throws IOException {
    Path model = good();
    bad.damage().to(model);
    List<String> before = Folders.names(work);
    List<Object> arguments = new ArrayList<>(List.of(quantize(model, bad)));
    arguments.add("--json");

    Run run = Cli.run(arguments.toArray());

    Refusal.isClearJson(run, bad.code(), bad.words());
    Refusal.leftNothing(work, before);
  }

  private Object[] quantize(Path model, BadModel bad) {
    List<Object> arguments = new ArrayList<>(List.of("quantize", model, "-o", work.resolve("out")));
    arguments.addAll(bad.flags());
    return arguments.toArray();
  }

  private Path good() throws IOException {
    Path model = work.resolve("model");
    write(SyntheticShape.small("qwen3"), model);
    return model;
  }

  private static void write(SyntheticShape shape, Path model) throws IOException {
    Damages.empty(model);
    SyntheticCheckpoint.write(model, shape, 1, 150_000, Shared.path("packs", "base", "qwen3-2l"));
  }
}
