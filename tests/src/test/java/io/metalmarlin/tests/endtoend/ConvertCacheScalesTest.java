package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.safetensors.Safetensors;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.RawCheckpoint;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Scales of an FP8 key-value cache under the names of each dialect.
class ConvertCacheScalesTest {
  private static final String ATTENTION = "model.layers.1.self_attn.";
  private static final String ARGUMENTS =
      "{\"num_bits\":8,\"type\":\"float\",\"strategy\":\"tensor\","
          + "\"symmetric\":true,\"dynamic\":false}";

  private static final String SCHEME = "/quantization_config/kv_cache_scheme";

  /// 0.0234375, which bf16 has.
  private static final short BF16_VALUE = 0x3cc0;

  @TempDir Path work;
  private Path source;

  @BeforeEach
  void addScalesToAPack() throws IOException {
    source = pack(ARGUMENTS);
  }

  private Path pack(String scheme) throws IOException {
    Path pack = Shared.path("packs", "ct", "NVFP4A16-2l");
    Map<String, RawCheckpoint.Tensor> all =
        new TreeMap<>(RawCheckpoint.file(pack.resolve("model.safetensors")).tensors());
    byte[] value = {(byte) BF16_VALUE, (byte) (BF16_VALUE >> 8)};
    for (int layer = 0; layer < 2; layer++) {
      for (String leaf : new String[] {"k_scale", "v_scale"}) {
        String name = "model.layers." + layer + ".self_attn." + leaf;
        all.put(name, new RawCheckpoint.Tensor("BF16", List.of(1L), value));
      }
    }
    Path folder = Files.createTempDirectory(work, "pack-");
    List<TensorInfo> infos = new ArrayList<>();
    all.forEach((name, t) -> infos.add(new TensorInfo(name, DType.valueOf(t.dtype()), t.shape())));
    try (CheckpointWriter writer =
        Safetensors.INSTANCE.create(folder, infos, Map.of("format", "pt"), Long.MAX_VALUE)) {
      all.forEach((name, t) -> writer.write(name, 0, MemorySegment.ofArray(t.data())));
      writer.commit();
    }
    String config = Files.readString(pack.resolve("config.json"));
    String with = config.replace("\"kv_cache_scheme\": null", "\"kv_cache_scheme\": " + scheme);
    assertThat(with.contains("\"num_bits\":8")).isEqualTo(scheme.equals(ARGUMENTS));
    Files.writeString(folder.resolve("config.json"), with);
    return folder;
  }

  @Test
  void they_are_renamed_with_the_dialect_and_come_back_as_they_were() throws IOException {
    Path there = work.resolve("there");
    Path back = work.resolve("back");
    Cli.run("convert", source, "-o", there, "--to", "modelopt").ok();
    var middle = RawCheckpoint.of(there).tensors();
    assertThat(middle).doesNotContainKeys(ATTENTION + "k_scale", ATTENTION + "v_scale");
    for (String name : new String[] {"k_proj.k_scale", "v_proj.v_scale"}) {
      RawCheckpoint.Tensor t = middle.get(ATTENTION + name);
      assertThat(t.dtype()).isEqualTo("F32");
      assertThat(t.shape()).isEmpty();
      assertThat(fp32(t)).isEqualTo(0.0234375f);
    }

    Cli.run("convert", there, "-o", back, "--to", "compressed-tensors").ok();
    var end = RawCheckpoint.of(back).tensors();
    var before = RawCheckpoint.of(source).tensors();
    for (String name : new String[] {ATTENTION + "k_scale", ATTENTION + "v_scale"}) {
      assertThat(end.get(name).dtype()).isEqualTo("BF16");
      assertThat(end.get(name).shape()).containsExactly(1L);
      assertThat(end.get(name).data()).isEqualTo(before.get(name).data());
    }
  }

  @Test
  void the_configuration_says_that_the_cache_is_fp8() throws IOException {
    Path there = work.resolve("there");
    Path back = work.resolve("back");
    Cli.run("convert", source, "-o", there, "--to", "modelopt").ok();
    Cli.run("convert", there, "-o", back, "--to", "compressed-tensors").ok();
    assertThat(algorithm(there).asString()).isEqualTo("FP8");
    JsonNode modelOpt = json(there.resolve("config.json")).at(SCHEME);
    assertThat(modelOpt.propertyNames()).containsExactlyInAnyOrder("dynamic", "num_bits", "type");
    JsonNode scheme = json(back.resolve("config.json")).at(SCHEME);
    assertThat(scheme.get("num_bits").asInt()).isEqualTo(8);
    assertThat(scheme.get("type").asString()).isEqualTo("float");
    assertThat(scheme.get("strategy").asString()).isEqualTo("tensor");
    assertThat(scheme.get("symmetric").asBoolean()).isTrue();
    assertThat(scheme.get("dynamic").asBoolean()).isFalse();
  }

  @Test
  void they_are_dropped_and_named_where_the_target_has_no_place() throws IOException {
    Path out = work.resolve("out");
    Run run = Cli.run("convert", source, "-o", out, "--to", "mlx", "--allow-lossy").ok();
    assertThat(run.err()).contains("W301").contains("model.layers.0.self_attn.k_scale");
    assertThat(RawCheckpoint.of(out).tensors().keySet())
        .noneMatch(n -> n.endsWith("k_scale") || n.endsWith("v_scale"));
  }

  @Test
  void they_are_dropped_and_named_where_the_source_does_not_say_what_they_are() throws IOException {
    Path out = work.resolve("out");
    Run run = Cli.run("convert", pack("null"), "-o", out, "--to", "modelopt").ok();
    assertThat(run.err()).contains("W301").contains("model.layers.0.self_attn.k_scale");
    assertThat(algorithm(out).isNull()).isTrue();
  }

  private static JsonNode algorithm(Path folder) throws IOException {
    return json(folder.resolve("hf_quant_config.json")).at("/quantization/kv_cache_quant_algo");
  }

  private static float fp32(RawCheckpoint.Tensor t) {
    return ByteBuffer.wrap(t.data()).order(ByteOrder.LITTLE_ENDIAN).getFloat();
  }

  private static JsonNode json(Path file) throws IOException {
    return JsonMapper.shared().readTree(Files.readString(file));
  }
}
