package io.metalmarlin.tests.fuzz;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.model.Dialects;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.ModelConfigs;
import io.metalmarlin.runtime.model.arch.Architectures;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// `config.json` of a folder whose tensors bear every plane name that a dialect knows: dialect,
/// modules and model declaration.
record ConfigTarget() implements FuzzTarget {
  private static final List<String> PLANES =
      List.of(
          "U8 [64,32] a.weight_packed",
          "F8_E4M3 [64,4] a.weight_scale",
          "F32 [1] a.weight_global_scale",
          "I32 [64,8] b.weight_packed",
          "BF16 [64,1] b.weight_scale",
          "I64 [2] b.weight_shape",
          "U32 [64,8] c.weight",
          "BF16 [64,1] c.scales",
          "BF16 [64,1] c.biases",
          "I32 [8,64] d.qweight",
          "I32 [1,8] d.qzeros",
          "F16 [1,64] d.scales",
          "I32 [64] d.g_idx",
          "U8 [64,32] e.weight",
          "F8_E4M3 [64,4] e.weight_scale",
          "F32 [] e.weight_scale_2");

  private static final byte[] TENSORS = tensors();

  private static byte[] tensors() {
    List<String> entries = new ArrayList<>();
    int at = 0;
    for (String plane : PLANES) {
      String[] part = plane.split(" ");
      int size =
          switch (part[0]) {
            case "U8", "F8_E4M3" -> 1;
            case "BF16", "F16" -> 2;
            case "I64" -> 8;
            default -> 4;
          };
      for (String d : part[1].replaceAll("[\\[\\]]", "").split(",")) {
        size *= d.isEmpty() ? 1 : Integer.parseInt(d);
      }
      entries.add(
          "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
              .formatted(part[2], part[0], part[1], at, at + size));
      at += size;
    }
    String header = "{" + String.join(",", entries) + "}";
    byte[] file = new byte[8 + header.length() + at];
    file[0] = (byte) header.length();
    file[1] = (byte) (header.length() >>> 8);
    System.arraycopy(header.getBytes(StandardCharsets.UTF_8), 0, file, 8, header.length());
    return file;
  }

  @Override
  public String name() {
    return "config.json";
  }

  @Override
  public void read(byte[] input) throws Exception {
    try (ScratchFile scratch = new ScratchFile()) {
      scratch.write("model.safetensors", TENSORS);
      scratch.write("config.json", input);
      ModelConfig config = ModelConfigs.read(scratch.folder());
      try (Checkpoint c = Containers.open(scratch.folder())) {
        Dialects.of(config, c).modules(config, c);
      }
      Architectures.describe(config);
    }
  }

  @Override
  public List<byte[]> seeds() {
    return Seeds.texts(
        "{\"model_type\":\"llama\",\"hidden_size\":64,\"intermediate_size\":64,\"vocab_size\":8,"
            + "\"num_hidden_layers\":1,\"num_attention_heads\":4,\"rms_norm_eps\":1e-6}",
        "{\"model_type\":\"qwen3\",\"quantization_config\":{\"quant_method\":\"gptq\",\"bits\":4,"
            + "\"group_size\":64,\"desc_act\":false,\"sym\":true,\"checkpoint_format\":\"gptq_v2\"}}",
        "{\"quantization_config\":{\"quant_method\":\"awq\",\"bits\":4,\"group_size\":64,"
            + "\"version\":\"gemm\",\"zero_point\":true}}",
        "{\"quantization\":{\"group_size\":64,\"bits\":4,\"mode\":\"affine\",\"c\":false}}",
        "{\"quantization_config\":{\"quant_method\":\"compressed-tensors\",\"format\":"
            + "\"pack-quantized\",\"config_groups\":{\"g\":{\"weights\":{\"num_bits\":4,\"type\":"
            + "\"int\",\"group_size\":64,\"strategy\":\"group\",\"symmetric\":true}}}}}",
        "{\"quantization_config\":{\"quant_method\":\"modelopt\",\"quant_algo\":\"NVFP4\"}}",
        "{\"quantization_config\":{\"quant_method\":\"fp_quant\",\"forward_dtype\":\"nvfp4\","
            + "\"hadamard_group_size\":32}}",
        "{\"quantization_config\":{\"quant_method\":\"marlin\",\"version\":1,\"scheme\":\"NVFP4A16\"}}");
  }
}
